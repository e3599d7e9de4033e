"""What stops a flow; the messages are in Italian and say what to do."""

from porfse.errors import BadInput


class Refused(BadInput):
    """The file cannot be read as the flow that it is said to be: the whole of it is refused."""


class NotNow(BadInput):
    """The flow is not in a state in which this can be done; nothing has changed."""

    status = 409
