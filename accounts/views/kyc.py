"""Proving who one is: sending documents in, and what became of them."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from phonenumbers.geodata.locale import LOCALE_DATA

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


def countries() -> list[tuple[str, str]]:
    """ISO codes and names, in the reader's language, by name."""
    language = (get_language() or "en")[:2]
    named = [(code, _name(names, language)) for code, names in LOCALE_DATA.items() if len(code) == 2]
    return sorted(((code, name) for code, name in named if name), key=lambda entry: entry[1])


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
        self.fields["country"].choices = [("", _("Choose")), *countries()]  # type: ignore[attr-defined]
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
