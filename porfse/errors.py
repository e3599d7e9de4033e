"""What a person got wrong, as opposed to what the program got wrong."""


class BadInput(ValueError):
    """The request cannot be understood; the message is in Italian and says what to do.

    `porfse.middleware.BadInputMiddleware` shows it with its status.
    """

    status = 400


class NotThere(BadInput):
    """The request is well formed, but what it asks for does not exist; it says what to do."""

    status = 404
