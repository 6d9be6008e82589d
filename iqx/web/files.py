"""Fields for pictures and documents: on a phone the camera is offered, too."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"


class UploadField(forms.FileField):
    """One file; what is in it is looked at when it is received (`iqx.core.files`)."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        super().__init__(**options)
        self.widget.attrs |= {"accept": ACCEPTED}


class _SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; a list, empty if there are none."""

    def __init__(self, *, most: int = 5, **options: Any) -> None:  # noqa: ANN401 whatever Django's take
        self.most = most
        super().__init__(widget=_SeveralInput(attrs={"accept": ACCEPTED}), **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # noqa: ANN401 as Django has it
        given = data if isinstance(data, list | tuple) else [data]
        uploads = [upload for upload in given if upload]
        if not uploads:
            super().clean(None, initial)
        return [super(FilesField, self).clean(upload, initial) for upload in uploads[: self.most]]
