"""The one exception an operator may meet: their own mistake, in one Chinese sentence.

What is wrong with a *returned file* is never an exception but a finding; see ``checks``.
"""


class OperatorError(Exception):
    """Stop a command because what the operator gave it cannot be used (exit status 2).

    The message is one plain Chinese sentence: what is wrong, where, and what to do.
    """
