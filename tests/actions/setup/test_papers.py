"""The demo clinic's forms: asked and answered through the clinic's own doors, and all of it verifies."""

from __future__ import annotations

from clinic_portal.booking import care, paperwork
from clinic_portal.core.work import Reading, Services
from clinic_portal.forms import verifying
from clinic_portal.forms.definition import Kind
from clinic_portal.forms.models import FormDocument
from clinic_portal.patients.models import Patient
from clinic_portal.setup import logins
from clinic_portal.setup.demo import lumen
from clinic_portal.setup.load import load
from clinic_portal.setup.people import seed
from tests.factories import rows


def test_the_demo_begins_with_forms_in_every_state_and_all_of_them_verify(services: Services) -> None:
    services.do(load, lumen())
    services.do(seed)
    states = [one.state for one in rows(services, FormDocument)]
    assert states.count("completed") > 150
    assert states.count("draft") == 1
    assert list(services.ask(verifying.findings)) == []
    assert services.ask(care.after_due) == []
    her = next(one.id for one in rows(services, Patient) if one.email == logins.PATIENT.email)

    def waiting(read: Reading) -> set[tuple[Kind, str]]:
        return {(one.request.kind, one.standing.state) for one in paperwork.to_do(read, her)}

    assert services.ask(waiting) >= {
        (Kind.QUESTIONNAIRE, "begun"),
        (Kind.QUESTIONNAIRE, "to_do"),
        (Kind.CONSENT, "to_do"),
        (Kind.BEFORE, "to_do"),
    }
