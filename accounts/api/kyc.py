"""The calls about who one is: sending in documents, and staff's decisions on them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, ExplainedSerializer, PublicUserSerializer
from accounts.kyc import selectors, services
from accounts.kyc.representations import opened_submission_json, staff_submission_json, submission_json
from accounts.models import KycDocument, KycStatus, KycSubmission
from iqx.core import files
from iqx.core.api.multipart import FILES, FileBody, UploadField
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView

_SHOWN = 20  # of one's own submissions


class NewSubmissionSerializer(Body):
    document_type = serializers.ChoiceField(KycSubmission.Document.choices)
    country = serializers.RegexField(r"^[A-Z]{2}\Z", help_text="That issued the document: ISO 3166-1, two letters.")
    legal_name = serializers.CharField(max_length=120, help_text="As the document has it.")
    document_number = serializers.CharField(max_length=60)
    front = UploadField(required=True)
    back = UploadField()
    selfie = UploadField()
    proof_of_address = UploadField()


class SubmissionSerializer(Body):
    id = serializers.UUIDField()
    document_type = serializers.ChoiceField(KycSubmission.Document.choices)
    country = serializers.CharField()
    documents = serializers.ListField(child=serializers.ChoiceField(KycDocument.Kind.choices))
    status = serializers.ChoiceField(KycSubmission.Status.choices)
    level = serializers.IntegerField(allow_null=True, help_text="What it was verified for.")
    reason = serializers.CharField(allow_null=True, help_text="Why it was rejected.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when staff owe a decision.")
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class KycSerializer(Body):
    kyc_status = serializers.ChoiceField(KycStatus.choices)
    kyc_level = serializers.IntegerField()
    submissions = SubmissionSerializer(many=True, help_text="The newest first.")


class StaffSubmissionSerializer(SubmissionSerializer):
    user = PublicUserSerializer()


class DocumentFileSerializer(Body):
    kind = serializers.ChoiceField(KycDocument.Kind.choices)
    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(help_text="Good for some minutes.")


class OpenedSubmissionSerializer(StaffSubmissionSerializer):
    legal_name = serializers.CharField()
    document_number = serializers.CharField()
    files = DocumentFileSerializer(many=True)


class ApprovalSerializer(ExplainedSerializer):
    level = serializers.IntegerField(min_value=1, max_value=2)


class KycRejectionSerializer(Body):
    reason = serializers.CharField(max_length=500, help_text="The person reads it.")


class KycView(FileBody, IqxView):
    parser_classes = FILES
    idempotency = "off"  # nothing is lost: a second submission is refused while the first one waits

    @api(response=KycSerializer)
    def get(self, request: Request) -> Response:
        """Show whether one is verified, and what one sent in."""
        user = user_of(request)
        sent = selectors.submissions_of(user.pk).order_by("-id")[:_SHOWN]
        told: dict[str, Any] = {"kyc_status": user.kyc_status, "kyc_level": user.kyc_level}
        return Response(told | {"submissions": [submission_json(submission) for submission in sent]})

    @api(request={"multipart/form-data": NewSubmissionSerializer}, response=SubmissionSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Send in documents to be verified; staff decide within 48 hours.

        Pictures (JPEG, PNG, WebP) or PDF, up to 10 MB each. Only the staff who review them see them.
        """
        body = parsed(NewSubmissionSerializer, request)
        uploads = {kind: body.pop(kind) for kind in KycDocument.Kind.values if kind in body}
        documents = {kind: files.receive(upload) for kind, upload in uploads.items()}
        submission = services.submit_kyc(user_id=user_of(request).pk, documents=documents, **body)
        return Response(submission_json(submission), status=201)


class StaffKycView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffSubmissionSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List what waits for a decision, and what was decided, newest first."""
        return paginate(request, selectors.submissions(), staff_submission_json)


class StaffSubmissionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=OpenedSubmissionSerializer)
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Show a submission with its documents. Who looked is written into the audit trail."""
        submission = services.open_submission(submission_id=submission_id, actor=user_of(request))
        return Response(opened_submission_json(submission))


class KycApprovalView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ApprovalSerializer, response=StaffSubmissionSerializer)
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Verify the person for a level."""
        body = parsed(ApprovalSerializer, request)
        submission = services.approve_kyc(submission_id=submission_id, actor_id=user_of(request).pk, **body)
        return Response(staff_submission_json(submission))


class KycRejectionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=KycRejectionSerializer, response=StaffSubmissionSerializer)
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Refuse a submission, for a reason that the person reads."""
        reason = parsed(KycRejectionSerializer, request)["reason"]
        actor_id = user_of(request).pk
        submission = services.reject_kyc(submission_id=submission_id, actor_id=actor_id, reason=reason)
        return Response(staff_submission_json(submission))
