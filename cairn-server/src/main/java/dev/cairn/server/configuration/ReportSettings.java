package dev.cairn.server.configuration;

import dev.cairn.report.ReportPost;
import dev.cairn.report.WeeklyTime;
import java.util.List;
import java.util.Optional;

/// When reports are mailed, and to whom, checked.
///
/// @param weekly when the report of the week goes out; empty: never
/// @param to who gets it; one at least where there is a time
public record ReportSettings(Optional<WeeklyTime> weekly, List<String> to) {

    static ReportSettings of(Settings settings) throws SettingException {
        var to = Configuration.list(settings, Setting.REPORT_TO);
        if (to.size() > ReportPost.RECEIVERS_MAX) {
            throw new SettingException(
                    "report.to: expected at most %d addresses, got %d"
                            .formatted(ReportPost.RECEIVERS_MAX, to.size()));
        }
        for (var address : to) {
            if (!ReportPost.isAddress(address)) {
                throw new SettingException(
                        "report.to: expected addresses such as you@example.org, got '%s'"
                                .formatted(address));
            }
        }
        var weekly = settings.text(Setting.REPORT_WEEKLY);
        if (weekly.isEmpty()) {
            return new ReportSettings(Optional.empty(), to);
        }
        if (to.isEmpty() || settings.text(Setting.MAIL_SMTP_HOST).isEmpty()) {
            throw new SettingException(
                    "report.weekly: expected report.to and mail.smtp-host as well: somebody to mail it to, and a mail server");
        }
        try {
            return new ReportSettings(Optional.of(WeeklyTime.parse(weekly)), to);
        } catch (IllegalArgumentException malformed) {
            throw new SettingException("report.weekly: " + malformed.getMessage());
        }
    }
}
