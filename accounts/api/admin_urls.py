from django.urls import path

from accounts.api import kyc, trust

urlpatterns = [
    path("kyc", kyc.StaffKycView.as_view(), name="staff-kyc"),
    path("kyc/<uuid:submission_id>", kyc.StaffSubmissionView.as_view(), name="staff-kyc-submission"),
    path("kyc/<uuid:submission_id>/approve", kyc.KycApprovalView.as_view(), name="staff-kyc-approve"),
    path("kyc/<uuid:submission_id>/reject", kyc.KycRejectionView.as_view(), name="staff-kyc-reject"),
    path("rules", trust.RulesView.as_view(), name="staff-rules"),
    path("rules/<slug:rule_code>", trust.RuleView.as_view(), name="staff-rule"),
    path("rules/<slug:rule_code>/changes", trust.RuleChangesView.as_view(), name="staff-rule-changes"),
]
