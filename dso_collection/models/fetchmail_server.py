"""Mail that is fetched stays on its server until it is safely here.

Odoo's IMAP client reads a message in a way that marks it as seen, and takes the mark
away again: a process that ends in between has lost it. And what could not be processed
counts as done, also when only another transaction was in its way.
"""

from functools import partial

from odoo import models

from odoo.addons.mail.models.fetchmail import OdooIMAP4

from .mail_thread import FetchState


class FetchmailServer(models.Model):
    _inherit = "fetchmail.server"

    def _fetch_mail(self, **options):
        servers = self.with_context(dso_fetch=FetchState())
        return super(FetchmailServer, servers)._fetch_mail(**options)

    def _connect__(self, allow_archived=False):
        connection = super()._connect__(allow_archived=allow_archived)
        if isinstance(connection, OdooIMAP4):
            connection.retrieve_unread_messages = partial(_peek, connection)
        state = self.env.context.get("dso_fetch")
        if isinstance(state, FetchState):
            handled = connection.handled_message
            connection.handled_message = partial(_handled, state, handled)
        return connection


def _peek(connection):
    """The unread messages of a mailbox, read without marking them as seen."""
    while connection._unread_messages:
        number = connection._unread_messages.pop()
        _result, data = connection.fetch(number, "(BODY.PEEK[])")
        if data and data[0]:  # another program may have deleted it meanwhile
            yield number, data[0][1]


def _handled(state, handled, number):
    """Tell the server that a message is done with, if it is."""
    if not state.pending:
        handled(number)
