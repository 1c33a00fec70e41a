"""What comes in by e-mail, read without Odoo's records: whose words, written by whom,
and whether somebody may be after money."""

from .automatic import is_automatic
from .fraud import FRAUDS, suspicion
from .own_words import is_forwarded, own_words
