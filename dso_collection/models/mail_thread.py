"""Whether an incoming e-mail was written by a person."""

from odoo import models

#: Headers that only machines write, with the values that persons' programs may set.
AUTOMATIC = {
    "Auto-Submitted": ("no",),
    "X-Autoreply": ("no",),
    "X-Autorespond": (),
    "X-Auto-Respond": (),
}
#: How lists and answering machines call what they send.
PRECEDENCES = ("auto_reply", "auto-reply", "bulk", "junk", "list")


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Actions learn whether it answers by itself: an absence holds nothing."""
        automatic = any(
            message.get(name)
            and str(message[name]).partition(";")[0].strip().lower() not in persons
            for name, persons in AUTOMATIC.items()
        ) or (str(message.get("Precedence") or "").strip().lower() in PRECEDENCES)
        thread = self.with_context(dso_automatic_answer=automatic)
        return super(MailThread, thread)._message_route_process(
            message, message_dict, routes
        )
