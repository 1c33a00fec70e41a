"""What all channels have in common, and where they are found by type of action."""

#: {type of action: channel}
CHANNELS = {}


def channel_of(action_type):
    """The channel of a type of action, or None when it has none.

    A phone call, a litigation or a follow-up is done by a person and has none.
    """
    return CHANNELS.get(action_type)


class Channel:
    """One way by which actions leave.

    The methods take a ``dso.action`` recordset of the channel's types, whose accounts
    are locked and evaluated, and work on all of it at once. They raise nothing for what
    a person can cure: that is a problem of the action.
    """

    #: Types of actions that leave through this channel.
    types = ()

    def __init_subclass__(cls):
        channel = cls()
        CHANNELS.update(dict.fromkeys(cls.types, channel))

    def missing(self, actions):
        """What keeps actions from leaving now.

        :return: {action: (key of PROBLEMS, detail or False)} of those that cannot
        """
        raise NotImplementedError

    def deliver(self, actions):
        """Render actions and hand them over to the outbox, in this transaction.

        :return: {action: cause} of those that the outbox refused, in words
        :raise Exception: when one action breaks the rendering; the caller repeats the
            others without it
        """
        raise NotImplementedError

    def outgoing(self, action):
        """What :meth:`deliver` put last into the outbox for one action."""
        return action.env["mail.mail"].search(
            [("model", "=", action._name), ("res_id", "=", action.id)],
            order="id desc",
            limit=1,
        )

    def trigger(self, env):
        """Ask the outbox to start once this transaction is committed."""
        raise NotImplementedError
