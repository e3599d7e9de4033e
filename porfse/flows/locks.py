"""Who works on a flow."""

from porfse.locks import Lock

_FLOWS = Lock("flus")
working_on = _FLOWS.working_on
is_free = _FLOWS.is_free
