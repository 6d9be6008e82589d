from django.urls import path

from accounts.api import approvals, audit, flags, kyc, schema, staff_users, trust

urlpatterns = [
    path("schema", schema.StaffSchemaView.as_view(), name="staff-schema"),
    path("approvals", approvals.ApprovalsView.as_view(), name="staff-approvals"),
    path("approvals/<uuid:approval_id>/approve", approvals.ApprovalView.as_view(), name="staff-approval-approve"),
    path("approvals/<uuid:approval_id>/refuse", approvals.RefusalView.as_view(), name="staff-approval-refuse"),
    path("approvals/<uuid:approval_id>/take-back", approvals.TakingBackView.as_view(), name="staff-approval-take-back"),
    path("audit", audit.AuditTrailView.as_view(), name="staff-audit"),
    path("users", staff_users.StaffUsersView.as_view(), name="staff-users"),
    path("users/<uuid:user_id>", staff_users.StaffUserView.as_view(), name="staff-user"),
    path("users/<uuid:user_id>/suspend", staff_users.SuspensionView.as_view(), name="staff-user-suspend"),
    path("users/<uuid:user_id>/unsuspend", staff_users.ReinstatementView.as_view(), name="staff-user-unsuspend"),
    path("users/<uuid:user_id>/logout", staff_users.LogoutView.as_view(), name="staff-user-logout"),
    path("users/<uuid:user_id>/role", staff_users.RoleView.as_view(), name="staff-user-role"),
    path("users/<uuid:user_id>/2fa-reset", staff_users.TwoFactorResetView.as_view(), name="staff-user-2fa-reset"),
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
