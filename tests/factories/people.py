from itertools import count

from django.contrib.auth.models import Group

from porfse.models import User

_numbers = count(1)


def make_user(*roles: str, **fields: object) -> User:
    """A person with a fresh name and some roles."""
    username = fields.pop("username", f"persona{next(_numbers)}")
    user = User.objects.create(username=username, email=f"{username}@esempio.invalid", **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user
