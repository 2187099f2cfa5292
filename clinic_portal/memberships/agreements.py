"""The agreement of a plan: asked of who joins it, and signed as any consent is (P8)."""

from clinic_portal.core.errors import Conflict, NotAllowed
from clinic_portal.core.work import Reading, UnitOfWork
from clinic_portal.forms import documents, queries, requests
from clinic_portal.forms.types import Standing
from clinic_portal.memberships.plan_types import PlanInfo


def ask(work: UnitOfWork, patient_id: int, plan: PlanInfo, request_id: int | None) -> int | None:
    """Ask for a plan's agreement, unless `request_id` asks for it already; its request, None where it has none.

    One that was signed in a version that is not in force any more is to be signed anew. Raises Conflict where the
    agreement is not published.
    """
    if plan.agreement_id is None:
        return None
    form = queries.form(work, plan.agreement_id)
    if not (form.is_active and form.version):
        raise Conflict("form_unpublished")
    known = standing(work, patient_id, plan, request_id)
    if known is not None and not known.is_outdated:
        return known.request.id
    return requests.ask_anew(work, patient_id, plan.agreement_id)


def standing(read: Reading, patient_id: int, plan: PlanInfo, request_id: int | None) -> Standing | None:
    """How a plan's agreement stands; None where it has none, or it was not asked for.

    Only what was signed for this very request counts, in the version that is in force.
    """
    if plan.agreement_id is None or request_id is None:
        return None
    try:
        asked = requests.mine(read, patient_id, request_id)
    except NotAllowed:
        return None
    if asked.template_id != plan.agreement_id:
        return None
    found = documents.standings(read, [asked], lambda _: read.now)[asked.id]
    if found.state != "done" or found.document_id is None:
        return found
    signed_version = documents.own(read, patient_id, found.document_id).line.version
    if found.is_carried or signed_version != queries.form(read, plan.agreement_id).version:
        return Standing(asked, "to_do", is_outdated=True)
    return found


def signed(read: Reading, patient_id: int, plan: PlanInfo, request_id: int | None) -> int | None:
    """The document by which a plan's agreement was signed; None where it was not, or there is none."""
    found = standing(read, patient_id, plan, request_id)
    return found.document_id if found and found.state == "done" else None


def must_be_signed(read: Reading, patient_id: int, plan: PlanInfo, request_id: int | None) -> int | None:
    """The document by which a plan's agreement was signed; None where it has none. Raises Conflict where it is not."""
    document_id = signed(read, patient_id, plan, request_id)
    if plan.agreement_id is not None and document_id is None:
        raise Conflict("agreement_unsigned")
    return document_id
