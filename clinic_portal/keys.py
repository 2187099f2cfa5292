"""Everything sealed is sealed anew under the present key, so that older ones can go."""

from clinic_portal.accounts import second_factor
from clinic_portal.booking import reasons
from clinic_portal.core.work import Services
from clinic_portal.forms import bodies, chain, files
from clinic_portal.messaging import copies, heard
from clinic_portal.patients import history, notes


def rotate(services: Services) -> int:
    """How many texts and files were under an older key. Raises sealing.Unreadable where no key given opens one."""
    changed = services.do(second_factor.reseal)
    for reseal in (
        history.reseal,
        notes.reseal,
        reasons.reseal,
        bodies.reseal,
        chain.reseal,
        copies.reseal,
        heard.reseal,
    ):
        after_id = 0
        while True:
            portion, after_id = services.do(reseal, after_id=after_id)
            changed += portion
            if not after_id:
                break
    return changed + services.ask(files.reseal)
