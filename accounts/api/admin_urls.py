from django.urls import path

from accounts.api import trust

urlpatterns = [
    path("rules", trust.RulesView.as_view(), name="staff-rules"),
    path("rules/<slug:rule_code>", trust.RuleView.as_view(), name="staff-rule"),
    path("rules/<slug:rule_code>/changes", trust.RuleChangesView.as_view(), name="staff-rule-changes"),
]
