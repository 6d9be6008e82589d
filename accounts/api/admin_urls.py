from django.urls import path

from accounts.api import flags, kyc, trust

urlpatterns = [
    path("flags", flags.FlagsView.as_view(), name="staff-flags"),
    path("flags/<uuid:flag_id>/clear", flags.FlagClearingView.as_view(), name="staff-flag-clear"),
    path("flags/<uuid:flag_id>/confirm", flags.FlagConfirmationView.as_view(), name="staff-flag-confirm"),
    path("kyc", kyc.StaffKycView.as_view(), name="staff-kyc"),
    path("kyc/<uuid:submission_id>", kyc.StaffSubmissionView.as_view(), name="staff-kyc-submission"),
    path("kyc/<uuid:submission_id>/approve", kyc.KycApprovalView.as_view(), name="staff-kyc-approve"),
    path("kyc/<uuid:submission_id>/reject", kyc.KycRejectionView.as_view(), name="staff-kyc-reject"),
    path("rules", trust.RulesView.as_view(), name="staff-rules"),
    path("rules/<slug:rule_code>", trust.RuleView.as_view(), name="staff-rule"),
    path("rules/<slug:rule_code>/changes", trust.RuleChangesView.as_view(), name="staff-rule-changes"),
]
