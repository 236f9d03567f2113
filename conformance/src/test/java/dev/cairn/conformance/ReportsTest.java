package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.internet.MimeMultipart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reports by the command, in files and by a real mail server.
final class ReportsTest {
    private static final Duration TOLD_MAX = Duration.ofSeconds(60);

    @Test
    void a_week_is_told_in_files_and_by_mail_and_every_key_with_its_last_use(@TempDir Path folder)
            throws Exception {
        try (var inboxes = new Inboxes(folder)) {
            var settings = new ArrayList<>(List.of(inboxes.settings()));
            settings.add("report.weekly=MON 08:00 Europe/Berlin");
            settings.add("report.to=ops@example.org");
            try (var server = LiveServer.start(settings.toArray(String[]::new))) {
                var key =
                        Wire.JSON.readTree(
                                server.cairn(
                                                "key", "create", "--user", "auditor", "--allow",
                                                "read", "--json")
                                        .exited(0)
                                        .out());
                Await.value(
                        Await.Bound.of("the call in history", TOLD_MAX),
                        () -> server.events("eventName:CreateKey"),
                        found -> !found.isEmpty());

                var root = "arn:aws:iam::%s:root".formatted(LiveServer.ACCOUNT);
                assertThat(server.cairn("report", "week").exited(0).out())
                        .contains("Who did what", root, "the root user: made ", "CreateKey 1")
                        .contains("History begins within this week");
                var page = folder.resolve("week.html");
                server.cairn("report", "week", "--out", page.toString()).exited(0);
                assertThat(Files.readString(page)).startsWith("<!doctype html>").contains(root);

                server.cairn("report", "week", "--to", "you@example.org").exited(0);
                var mail = inboxes.mails("Who did what").getFirst();
                assertThat(mail.getAllRecipients()[0]).hasToString("you@example.org");
                var parts = (MimeMultipart) mail.getContent();
                assertThat(parts.getBodyPart(0).getContentType()).startsWith("text/plain");
                assertThat(parts.getBodyPart(1).getContentType()).startsWith("text/html");
                assertThat(parts.getBodyPart(1).getContent().toString()).contains(root);
                var schedule =
                        Await.value(
                                Await.Bound.of("the mail in the books", TOLD_MAX),
                                () ->
                                        Wire.JSON.readTree(
                                                server.cairn("report", "schedule", "--json")
                                                        .exited(0)
                                                        .out()),
                                told -> told.has("sent"));
                assertThat(schedule.path("weekly").asText()).isEqualTo("MON 08:00 Europe/Berlin");
                assertThat(schedule.at("/to/0").asText()).isEqualTo("ops@example.org");
                assertThat(schedule.path("waiting").asInt()).isZero();

                var auditor =
                        new LiveServer.Credentials(
                                key.at("/key/accessKeyId").asText(),
                                key.path("secretAccessKey").asText());
                assertThat(
                                server.cairnAs(auditor, "report", "week", "--to", "x@example.org")
                                        .exited(1)
                                        .err())
                        .contains("AccessDenied", "cairn:SendReport");
                assertThat(
                                server.cairn("report", "credentials", "--format", "csv")
                                        .exited(0)
                                        .out()
                                        .lines())
                        .hasSize(3)
                        .anyMatch(line -> line.startsWith("access_key_id,account,user,arn,"))
                        .anyMatch(line ->
                                line.startsWith(LiveServer.ROOT.accessKeyId() + ",")
                                        && line.contains(",root," + root + ",cairn,Active,all,")
                                        && line.contains(",us-east-1,cairn.amazonaws.com,"))
                        .anyMatch(line -> line.startsWith(auditor.accessKeyId() + ","));
            }
        }
    }
}
