"""How actions leave: one class per channel, one file per class.

A channel says who receives an action, what is missing, and hands it over to the outbox
of Odoo that it uses. A new channel is a new file here that registers itself.
"""

from .base import CHANNELS, Channel, channel_of
from . import email
from . import fax
from . import letter
from . import sms
