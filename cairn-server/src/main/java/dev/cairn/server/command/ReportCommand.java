package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "report",
        description =
                "Reports for people: who did what in a week, and which access keys there are.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn report week",
            "  cairn report week --out week.html",
            "  cairn report week --to you@example.org",
            "  cairn report schedule",
            "  cairn report credentials --format csv --out keys.csv",
            "",
            "By itself, each week: cairn serve --set 'report.weekly=MON 08:00' --set report.to=you@example.org"
        })
final class ReportCommand {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Command(
            name = "week",
            description = {
                "Tells who did what in seven days: totals against the seven days before, people, resources,",
                "and what is odd: the root user, new callers, regions and calls, rising errors, unusual hours."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn report week",
                "  cairn report week --until 2026-11-16 --zone Europe/Berlin --out week.html",
                "  cairn report week --to you@example.org --to boss@example.org",
                "  cairn report week --json",
                "",
                "With --to the server mails it, by the mail server of its settings (mail.smtp-host): for the",
                "root of the default account."
            })
    int week(
            @Mixin ServerChoice target,
            @Option(
                            names = "--until",
                            paramLabel = "TIME",
                            description =
                                    "Where the seven days end: 2026-11-21 or 2026-11-21T08:00:00Z (default: now).")
                    @Nullable String until,
            @Option(
                            names = "--zone",
                            paramLabel = "ZONE",
                            description =
                                    "In which hours and times are told, such as Europe/Berlin (default: the machine's).")
                    @Nullable ZoneId zone,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "Of this account only; may be given again.")
                    @Nullable List<String> accounts,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description =
                                    "A file: FILE.html, FILE.json or FILE.txt (default: text, to standard output).")
                    @Nullable Path out,
            @Option(
                            names = "--to",
                            paramLabel = "ADDRESS",
                            description = "Mail it; may be given several times.")
                    @Nullable List<String> to,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var asked = new LinkedHashMap<String, List<String>>();
        asked.put("zone", List.of((zone == null ? ZoneId.systemDefault() : zone).getId()));
        if (until != null) {
            asked.put("until", List.of(Period.time("--until", until).toString()));
        }
        try (var connection = target.connect()) {
            if (to != null) {
                if (out != null || accounts != null) {
                    throw new CommandException(
                            "--to: expected it without --out and --account",
                            CommandException.USAGE);
                }
                return mail(connection, asked, to, json);
            }
            if (accounts != null) {
                asked.put("account", accounts);
            }
            var format = out == null ? json ? "json" : "text" : format(out);
            asked.put("format", List.of(format));
            var answer =
                    lines(
                            connection,
                            "/cairn/v1/week-report",
                            asked,
                            Progress.percent("report"),
                            (line, bar) -> bar.at(line.path("percent").asLong()));
            if (out == null && json) {
                Console.json(answer.path("report"));
            } else if (out == null) {
                var console = Console.out();
                console.print(answer.path("content").asText());
                console.flush();
            } else {
                Files.writeString(
                        out,
                        format.equals("json")
                                ? answer.path("report").toPrettyString() + "\n"
                                : answer.path("content").asText());
            }
            return 0;
        }
    }

    private static int mail(
            Connection connection, Map<String, List<String>> asked, List<String> to, boolean json)
            throws CommandException, IOException, InterruptedException {
        var body = JSON.createObjectNode();
        to.forEach(body.putArray("to")::add);
        asked.forEach((name, values) -> body.put(name, values.getFirst()));
        var answer =
                connection.call(
                        "POST", "/cairn/v1/week-report", Map.of(), AccountCommand.bytes(body));
        if (json) {
            Console.json(answer);
        } else {
            Console.out()
                    .println(
                            "the server writes and mails it; 'cairn report schedule' shows how it went");
        }
        return 0;
    }

    private static String format(Path out) throws CommandException {
        var name = out.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".html")) {
            return "html";
        }
        if (name.endsWith(".json")) {
            return "json";
        }
        if (name.endsWith(".txt")) {
            return "text";
        }
        throw new CommandException(
                "--out: expected FILE.html, FILE.json or FILE.txt, got " + out,
                CommandException.USAGE);
    }

    /// Reads an answer in lines of JSON to its last one.
    private static JsonNode lines(
            Connection connection,
            String path,
            Map<String, List<String>> query,
            Progress bar,
            Line between)
            throws CommandException, InterruptedException {
        try (bar;
                var lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        connection.stream(path, query).body(),
                                        StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var json = JSON.readTree(line);
                if (json.has("failure")) {
                    throw new CommandException(json.path("failure").asText());
                }
                if (json.path("done").asBoolean()) {
                    return json;
                }
                between.take(json, bar);
            }
            throw new CommandException("the report broke off");
        } catch (IOException failure) {
            throw new CommandException("the report broke off: " + failure.getMessage(), failure);
        }
    }

    /// What is done with each line but the last.
    @FunctionalInterface
    private interface Line {
        void take(JsonNode line, Progress bar) throws IOException;
    }

    @Command(
            name = "credentials",
            description = {
                "Lists every access key with its last use: Cairn's own, those that the gateway's directory",
                "knows, and those that nobody knows and events have."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn report credentials",
                "  cairn report credentials --format csv --out keys.csv",
                "  cairn report credentials --temporary --format ndjson",
                "",
                "The last use is the newest event of history. docs/guide/reports.md tells what the columns say."
            })
    int credentials(
            @Mixin ServerChoice target,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "table",
                            description = "table, csv or ndjson (default: ${DEFAULT-VALUE}).")
                    String format,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "A file (default: standard output).")
                    @Nullable Path out,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "Of this account only; may be given again.")
                    @Nullable List<String> accounts,
            @Option(
                            names = "--temporary",
                            description =
                                    "Temporary keys (ASIA...) of events and the directory, too.")
                    boolean temporary)
            throws Exception {
        var keys = CredentialList.of(format);
        var asked = new LinkedHashMap<String, List<String>>();
        asked.put("temporary", List.of(Boolean.toString(temporary)));
        if (accounts != null) {
            asked.put("account", accounts);
        }
        var writer =
                out == null
                        ? new BufferedWriter(
                                new OutputStreamWriter(System.out, StandardCharsets.UTF_8))
                        : Files.newBufferedWriter(out);
        try (var connection = target.connect()) {
            keys.begin(writer);
            var last =
                    lines(
                            connection,
                            "/cairn/v1/credentials",
                            asked,
                            Progress.keys("credentials"),
                            (line, bar) -> {
                                keys.add(writer, line);
                                bar.step(1, "");
                            });
            keys.end(writer);
            if (last.has("note")) {
                Console.err().println(last.path("note").asText());
            }
        } finally {
            writer.flush();
            if (out != null) {
                writer.close();
            }
        }
        return 0;
    }

    @Command(
            name = "schedule",
            description = {
                "Tells when the server mails the report of the week by itself, to whom, and how it went.",
                "The settings report.weekly and report.to say when and to whom."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn serve --set 'report.weekly=MON 08:00 Europe/Berlin' --set report.to=you@example.org --set mail.smtp-host=mail.example.org",
                "  cairn report schedule",
                "  cairn report schedule --json"
            })
    int schedule(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        JsonNode answer;
        try (var connection = target.connect()) {
            answer = connection.get("/cairn/v1/report-schedule", Map.of());
        }
        if (json) {
            Console.json(answer);
            return 0;
        }
        var table = new Table("REPORT", "WHEN", "NEXT", "TO", "SENT", "WAITING", "LAST FAILURE");
        var to = new java.util.StringJoiner(" ");
        answer.path("to").forEach(address -> to.add(address.asText()));
        table.row(
                "week",
                answer.path("weekly").asText("never"),
                time(answer, "next"),
                to.length() == 0 ? "-" : to.toString(),
                time(answer, "sent"),
                answer.path("waiting").asText(),
                answer.path("failure").asText("-"));
        table.print(Console.out());
        for (var letter : answer.path("deadLetters")) {
            var lost = new java.util.StringJoiner(" ");
            letter.path("to").forEach(address -> lost.add(address.asText()));
            Console.out()
                    .println(
                            "GIVEN UP  %s for %s at %s: %s"
                                    .formatted(
                                            letter.path("id").asText(),
                                            lost,
                                            time(letter, "since"),
                                            letter.path("reason").asText()));
        }
        return 0;
    }

    private static String time(JsonNode answer, String name) {
        return answer.has(name)
                ? Instant.ofEpochSecond(answer.path(name).asLong()).toString()
                : "-";
    }
}
