"""Does README's main job with the client that openapi-python-client generates from infra/openapi.yaml."""

import os
import time
from http import HTTPStatus

from port_out_pin.api.events import list_events
from port_out_pin.api.pin import delete_pin, get_pin, set_pin
from port_out_pin.api.port_outs import cancel_port_out, get_port_out, list_account_port_outs, submit_port_out
from port_out_pin.client import AuthenticatedClient
from port_out_pin.models import (
    CancellationRequest,
    CancelledBy,
    EventsPage,
    EventType,
    FieldErrorCode,
    InvalidRequestProblem,
    PinCannotBeRemovedProblem,
    PinRequest,
    PinStatus,
    PonConflictProblem,
    PortOut,
    PortOutBlock,
    PortOutNotOpenProblem,
    PortOutRequest,
    PortOutsPage,
    PortOutStatus,
    RejectionCode,
    Statement,
)
from port_out_pin.types import UNSET

ACCOUNT, PIN = "CONTOSO", "482913"


def client(token: str) -> AuthenticatedClient:
    """A client that raises on every status that the document does not list."""
    return AuthenticatedClient(base_url=os.environ["API_URL"], token=os.environ[token], raise_on_unexpected_status=True)


def pin_status(admin: AuthenticatedClient) -> PinStatus:
    answer = get_pin.sync_detailed(ACCOUNT, client=admin)
    assert answer.status_code == HTTPStatus.OK and isinstance(answer.parsed, PinStatus), answer
    return answer.parsed


def set_the_pin(admin: AuthenticatedClient) -> None:
    before = pin_status(admin)
    assert (before.pin_set, before.pin_version, before.updated_at) == (False, 0, None), before
    assert not before.port_out_allowed and before.blocked_by == [PortOutBlock.PIN_NOT_SET], before

    answer = set_pin.sync_detailed(ACCOUNT, client=admin, body=PinRequest(pin=PIN))
    assert answer.status_code == HTTPStatus.CREATED and isinstance(answer.parsed, PinStatus), answer
    assert answer.parsed.port_out_allowed and answer.parsed.pin_version == 1, answer
    assert answer.parsed.blocked_by == [] and answer.parsed.warnings == [], answer


def keep_the_pin(admin: AuthenticatedClient) -> None:
    """Neither a blank PIN nor a DELETE removes it."""
    blank = set_pin.sync_detailed(ACCOUNT, client=admin, body=PinRequest(pin=""))
    assert blank.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, blank
    assert isinstance(blank.parsed, InvalidRequestProblem), blank
    errors = [(error.field, error.code) for error in blank.parsed.errors]
    assert errors == [("/pin", FieldErrorCode.PIN_BLANK)], blank

    deleted = delete_pin.sync_detailed(ACCOUNT, client=admin)
    assert deleted.status_code == HTTPStatus.METHOD_NOT_ALLOWED, deleted
    assert isinstance(deleted.parsed, PinCannotBeRemovedProblem), deleted
    assert deleted.headers["allow"] == "GET, PUT", deleted


def submit(carrier: AuthenticatedClient, request: PortOutRequest, expected: HTTPStatus) -> PortOut:
    answer = submit_port_out.sync_detailed(client=carrier, body=request)
    assert answer.status_code == expected and isinstance(answer.parsed, PortOut), answer
    return answer.parsed


def port_out(carrier: AuthenticatedClient) -> PortOut:
    """Rejected with a wrong PIN, confirmed with the right one."""
    wrong = PortOutRequest("TX-1001", ACCOUNT, ["+12065550100", "+12065550199"], pin="111111")
    rejected = submit(carrier, wrong, HTTPStatus.CREATED)
    assert (rejected.status, rejected.foc_date) == (PortOutStatus.REJECTED, None), rejected
    reasons = [(reason.code, reason.telephone_number) for reason in rejected.rejections]
    assert reasons == [(RejectionCode.TN_NOT_FOUND, "+12065550199"), (RejectionCode.PIN_INVALID, None)], rejected

    numbers = ["(206) 555-0100", "206-555-0101"]
    right = PortOutRequest("TX-1001", ACCOUNT, numbers, version="02", pin=PIN, zip_code="98052")
    confirmed = submit(carrier, right, HTTPStatus.CREATED)
    assert (confirmed.status, confirmed.rejections) == (PortOutStatus.CONFIRMED, []), confirmed
    assert confirmed.telephone_numbers == ["+12065550100", "+12065550101"], confirmed
    assert confirmed.foc_date is not None and confirmed.foc_date > confirmed.received_at.date(), confirmed

    assert submit(carrier, right, HTTPStatus.OK) == confirmed
    other = PortOutRequest("TX-1001", ACCOUNT, ["+12065550102"], version="02", pin=PIN)
    conflict = submit_port_out.sync_detailed(client=carrier, body=other)
    assert conflict.status_code == HTTPStatus.CONFLICT, conflict
    assert isinstance(conflict.parsed, PonConflictProblem), conflict
    return confirmed


def read(reader: AuthenticatedClient, confirmed: PortOut) -> PortOut:
    answer = get_port_out.sync_detailed(confirmed.id, client=reader)
    assert answer.status_code == HTTPStatus.OK and isinstance(answer.parsed, PortOut), answer
    return answer.parsed


def cancel(admin: AuthenticatedClient, confirmed: PortOut) -> None:
    """The owner lists what is open, and says that it was not authorized."""
    listed = list_account_port_outs.sync_detailed(ACCOUNT, client=admin, status=PortOutStatus.CONFIRMED, limit=10)
    assert isinstance(listed.parsed, PortOutsPage), listed
    assert (listed.parsed.port_outs, listed.parsed.next_cursor) == ([read(admin, confirmed)], None), listed

    statement = CancellationRequest(Statement.NOT_AUTHORIZED, "Ada Lovelace")
    cancelled = cancel_port_out.sync_detailed(confirmed.id, client=admin, body=statement).parsed
    assert isinstance(cancelled, PortOut) and cancelled.cancellation is not None, cancelled
    assert (cancelled.status, cancelled.carrier_must_be_told) == (PortOutStatus.CANCELLED, False), cancelled
    assert cancelled.cancellation.by == CancelledBy.OWNER, cancelled
    assert cancelled.released_numbers == confirmed.telephone_numbers, cancelled

    again = cancel_port_out.sync_detailed(confirmed.id, client=admin, body=statement)
    assert again.status_code == HTTPStatus.CONFLICT and isinstance(again.parsed, PortOutNotOpenProblem), again
    assert pin_status(admin).blocked_by == [PortOutBlock.PIN_LOCKED]


def events(admin: AuthenticatedClient) -> list[EventType]:
    """Polls until the cancellation is shown: an event is 20 seconds old before it is."""
    types: list[EventType] = []
    after = None
    for _ in range(400):
        page = list_events.sync_detailed(ACCOUNT, client=admin, after=after or UNSET).parsed
        assert isinstance(page, EventsPage), page
        types += [event.type_ for event in page.events]
        after = page.next_after
        if EventType.PORT_OUT_CANCELLED in types:
            break
        time.sleep(0.1)
    return types


def main() -> None:
    admin, carrier = client("ADMIN_TOKEN"), client("CARRIER_TOKEN")
    set_the_pin(admin)
    keep_the_pin(admin)
    confirmed = port_out(carrier)
    assert read(carrier, confirmed) == confirmed
    # The owner is told how many of the numbers were not the account's.
    assert read(admin, confirmed).other_numbers == 0
    after = pin_status(admin)
    assert (after.pin_version, after.failed_attempts, after.consecutive_failures) == (1, 1, 0), after
    cancel(admin, confirmed)
    created, assigned, pin_set, rejected, accepted, *rest = events(admin)
    assert (created, assigned) == (EventType.ACCOUNT_CREATED, EventType.TELEPHONE_NUMBER_ASSIGNED)
    assert (pin_set, rejected) == (EventType.PIN_SET, EventType.PORT_OUT_REJECTED)
    assert accepted == EventType.PORT_OUT_CONFIRMED
    # Both are of one moment.
    assert set(rest) == {EventType.PIN_LOCKED, EventType.PORT_OUT_CANCELLED}


if __name__ == "__main__":
    main()
