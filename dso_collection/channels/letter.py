"""Letters: rendered here, looked at once more and printed by a job, posted by people.

The text is rendered in the sending transaction, so that what breaks it is known at
once. Its PDF takes a good part of a second: ``dso.letter`` makes it outside.
"""

from odoo.fields import Command

from .base import Channel


class LetterChannel(Channel):
    types = ("letter", "letter_ar")

    def missing(self, actions):
        problems = {}
        for action in actions:
            recipient = action._recipient()
            customer = recipient.commercial_partner_id
            if refusal := action._channel_refusal():
                problems[action] = (refusal, False)
            elif not action.template_id and not action.own_body:
                problems[action] = ("no_template", False)
            elif not recipient:
                problems[action] = ("no_resolver", False)
            elif not (recipient.street and recipient.city) and not (
                customer.street and customer.city
            ):
                problems[action] = ("no_address", False)
            elif action._text_outdated():
                problems[action] = ("text_outdated", False)
        return problems

    def deliver(self, actions):
        """One row of ``dso.letter`` for each, with its subject and text as they are
        now; an earlier letter of the same action that has not left is withdrawn."""
        env = actions.env
        texts = actions._letter_texts()
        enclosures = actions._enclosures()
        letters = env["dso.letter"]._engine()
        waiting = letters.search(
            [("action_id", "in", actions.ids), ("state", "in", ("waiting", "made"))]
        )
        waiting._withdraw(env._("The account changed: rendered again."))
        for action, letter in zip(
            actions,
            letters.create(
                [
                    {
                        "action_id": action.id,
                        "subject": texts[action][0],
                        "body": texts[action][1],
                        "enclosure_ids": [Command.set(enclosures[action].ids)],
                        "partner_id": action._recipient().id,
                        "registered": action.type == "letter_ar",
                        "by_service": action._letter_by_service(),
                    }
                    for action in actions
                ]
            ),
            strict=True,
        ):
            action._engine().letter_id = letter
        return {}

    def trigger(self, env):
        # whoever sends may start the job, whose cron he cannot read
        env.ref("dso_collection.ir_cron_letters").sudo()._trigger()
