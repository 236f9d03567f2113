package dev.cairn.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.ArchiveMove;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "move",
        description = "Moves what a data folder keeps to another place.",
        footerHeading = "%nExamples:%n",
        footer = "  cairn move archive --to s3://s3.example.org")
final class MoveCommand {
    /// A host, which unlike a bucket has a dot or a port.
    private static final Pattern S3 = Pattern.compile("s3://([^/]+(?:\\.[^/.]+|:\\d+))/?");

    @Command(
            name = "archive",
            description = {
                "Copies the built-in buckets to another S3, reads every object back, and only then sets archive.kind=s3 (and, with --to, archive.s3.endpoint) in the folder's cairn.properties.",
                "The server must be stopped, and the buckets must be there by the same names. What is here stays. Cut short, run it again: it goes on."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn move archive --to s3://s3.example.org",
                "  cairn move archive --to s3:// --set archive.s3.region=eu-central-1    (AWS's own)",
                "  cairn move archive --data cairn-data    (where archive.s3.endpoint says)",
                "",
                "What is given by --set counts here only: cairn serve wants it, too. Cold objects move as they were",
                "before; those under KMS keys are refused; older versions, markers, locks and tags stay behind."
            })
    int archive(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "cairn-data",
                            description = "The data folder (default: ./cairn-data).")
                    Path data,
            @Option(
                            names = "--to",
                            paramLabel = "S3",
                            description =
                                    "The S3, as s3://HOST[:PORT] (by https), as https://HOST or http://HOST, or as s3:// for AWS's own; without it, what archive.s3.endpoint says. Keys and the rest are the settings archive.s3.….")
                    @Nullable String to,
            @Option(
                            names = "--set",
                            paramLabel = "KEY=VALUE",
                            description = "A setting; may be given again.")
                    @Nullable Map<String, String> set,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var folder = data.toAbsolutePath().normalize();
        var settings = ServeOptions.withoutExpiry(folder);
        for (var entry : (set == null ? new LinkedHashMap<String, String>() : set).entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "--set");
        }
        var endpoint = to == null ? Optional.<String>empty() : Optional.of(endpoint(to));
        settings.set("archive.kind", "built-in", "here");
        var cold = Configuration.of(folder, settings).archiveCold();
        if (endpoint.isPresent()) {
            settings.set("archive.s3.endpoint", endpoint.get(), "--to");
        }
        settings.set("archive.cold", "", "here");
        settings.set("archive.kind", "s3", "here");
        try (var bar = Progress.files("move archive")) {
            var report =
                    ArchiveMove.run(Configuration.of(folder, settings), cold, endpoint, bar::at);
            if (json) {
                Console.json(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("buckets", report.buckets())
                                .put("objects", report.objects())
                                .put("bytes", report.bytes())
                                .put("copied", report.copied()));
            } else {
                Console.out()
                        .println(
                                "%,d buckets with %,d objects (%,d bytes) are there, %,d of them copied now; archive.kind=s3 holds from the next start"
                                        .formatted(
                                                report.buckets(),
                                                report.objects(),
                                                report.bytes(),
                                                report.copied()));
            }
            return 0;
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /// @return as `archive.s3.endpoint` has it
    private static String endpoint(String to) throws CommandException {
        if (to.equals("s3://")) {
            return "";
        }
        var s3 = S3.matcher(to);
        if (s3.matches()) {
            return "https://" + s3.group(1);
        }
        if (to.startsWith("s3://")) {
            throw new CommandException(
                    "--to: expected the S3 itself, such as s3://s3.example.org, as buckets keep their names, got '%s'"
                            .formatted(to));
        }
        return to;
    }
}
