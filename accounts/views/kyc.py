"""Proving who one is: sending documents in, and what became of them."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import phonenumbers
from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.kyc import selectors, services
from accounts.models import KycDocument, KycSubmission
from iqx.core import files
from iqx.web.files import UploadField
from iqx.web.members import MemberForm
from iqx.web.pages import Context, go

_SHOWN: Final = 10
_ELSEWHERE: Final = "*"  # a name that is the same as in another language

DOCUMENTS: Final = {
    KycSubmission.Document.PASSPORT: gettext_lazy("Passport"),
    KycSubmission.Document.ID_CARD: gettext_lazy("Identity card"),
    KycSubmission.Document.DRIVING_LICENCE: gettext_lazy("Driving licence"),
    KycSubmission.Document.RESIDENCE_PERMIT: gettext_lazy("Residence permit"),
}
STATES: Final = {
    "none": gettext_lazy("Not verified"),
    "pending": gettext_lazy("Being looked at"),
    "verified": gettext_lazy("Verified"),
    "rejected": gettext_lazy("Refused"),
}
TONES: Final = {"none": "plain", "pending": "wait", "verified": "good", "rejected": "bad"}


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """ISO codes and names, in a language, by name."""
    named = [(code, _name(names, language)) for code, names in _names_of_countries().items() if len(code) == 2]
    return sorted(((code, name) for code, name in named if name), key=lambda entry: entry[1])


def _names_of_countries() -> dict[str, dict[str, str]]:
    """What phonenumbers knows of countries, by their codes and languages.

    Its file is run without the package around it, which reads where each prefix of a telephone number is: that took
    every process seconds to start, and half of its memory.
    """
    file = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", file)
    module = module_from_spec(spec)  # type: ignore[arg-type] # of a file that is there
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return cast("dict[str, dict[str, str]]", module.LOCALE_DATA)


def _name(names: dict[str, str], language: str) -> str:
    name = names.get(language) or names.get("en") or ""
    return names.get(name[1:], "") if name.startswith(_ELSEWHERE) else name


class KycForm(forms.Form):
    document_type = forms.ChoiceField(label=gettext_lazy("Document"), choices=list(DOCUMENTS.items()))
    country = forms.ChoiceField(label=gettext_lazy("Country that issued it"))
    legal_name = forms.CharField(
        max_length=120,
        label=gettext_lazy("Full name"),
        help_text=gettext_lazy("As the document has it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    document_number = forms.CharField(
        max_length=60,
        label=gettext_lazy("Number of the document"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    front = UploadField(label=gettext_lazy("Front, or the page with the picture"))
    back = UploadField(required=False, label=gettext_lazy("Back"), help_text=gettext_lazy("If it has one."))
    selfie = UploadField(
        required=False,
        label=gettext_lazy("You, holding the document"),
        help_text=gettext_lazy("Needed for level 2."),
    )
    proof_of_address = UploadField(
        required=False,
        label=gettext_lazy("Proof of address"),
        help_text=gettext_lazy("A bill or a bank statement, not older than three months. Needed for level 2."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        self.fields["country"].choices = [("", _("Choose")), *countries((get_language() or "en")[:2])]  # type: ignore[attr-defined]
        self.fields["selfie"].widget.attrs["capture"] = "user"


class KycPage(MemberForm):
    template = "accounts/kyc.html"
    form_class = KycForm
    at: ClassVar = {"file_refused": "front", "file_unreadable": "front", "file_too_large": "front"}

    def title(self) -> str:
        return _("Verification")

    def context(self) -> Context:
        sent = list(selectors.submissions_of(self.member.pk).order_by("-id")[:_SHOWN])
        waits = any(submission.status == KycSubmission.Status.PENDING for submission in sent)
        return super().context() | {
            "sent": sent,
            "waits": waits,
            "can_send": not waits and self.member.kyc_level < 2,
            "states": STATES,
            "tones": TONES,
            "documents": DOCUMENTS,
        }

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        uploads = {kind: given.pop(kind) for kind in KycDocument.Kind.values}
        documents = {kind: files.receive(upload) for kind, upload in uploads.items() if upload}
        services.submit_kyc(user_id=self.member.pk, documents=documents, **given)
        messages.success(self.request, _("Sent. Staff look at it; we tell you when they have."))
        return go("web:kyc")
