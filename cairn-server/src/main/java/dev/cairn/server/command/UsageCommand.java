package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "usage",
        description =
                "Tells how many events and bytes your trails delivered, by trail and kind of event.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn usage",
            "  cairn usage --since 7d --by-day",
            "  cairn usage --trail main --json",
            "",
            "Counted file by file, as each is delivered. BYTES are the records' own; IN BUCKET is what the",
            "packed files take up. Whole days, UTC; trails that are deleted are shown too."
        })
final class UsageCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();
    @Mixin private Period period = new Period();

    @Option(
            names = "--trail",
            paramLabel = "NAME",
            description = "This trail only, by name or ARN.")
    private @Nullable String trail;

    @Option(names = "--by-day", description = "Each day by itself.")
    private boolean byDay;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /// What one row sums up.
    private record Row(String day, String trailArn) implements Comparable<Row> {
        @Override
        public int compareTo(Row other) {
            var order = day.compareTo(other.day);
            return order != 0 ? order : trailArn.compareTo(other.trailArn);
        }
    }

    private static final class Sum {
        private long files;
        private long packedBytes;
        private final Map<String, long[]> kinds = new LinkedHashMap<>();

        private void add(JsonNode usage) {
            files += usage.path("files").asLong();
            packedBytes += usage.path("packedBytes").asLong();
            for (var kind : usage.path("kinds")) {
                var sum = kinds.computeIfAbsent(kind.path("kind").asText(), _ -> new long[2]);
                sum[0] += kind.path("events").asLong();
                sum[1] += kind.path("bytes").asLong();
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        var sums = new TreeMap<Row, Sum>();
        var query = new LinkedHashMap<String, List<String>>();
        period.addTo(query);
        try (var connection = target.connect()) {
            while (true) {
                var page = connection.get("/cairn/v1/usage", query);
                for (var usage : page.path("usage")) {
                    var arn = TrailCalls.Arn.of(usage.path("trailArn").asText());
                    if (trail == null || trail.equals(arn.name()) || trail.equals(arn.text())) {
                        sums.computeIfAbsent(
                                        new Row(
                                                byDay ? usage.path("day").asText() : "",
                                                arn.text()),
                                        _ -> new Sum())
                                .add(usage);
                    }
                }
                var next = page.path("nextToken").asText("");
                if (next.isEmpty()) {
                    break;
                }
                query.put("nextToken", List.of(next));
            }
        }
        if (json) {
            Console.json(document(sums));
        } else {
            print(sums);
        }
        return 0;
    }

    private static ArrayNode document(Map<Row, Sum> sums) {
        var array = new ObjectMapper().createArrayNode();
        sums.forEach((row, sum) -> {
            ObjectNode item = array.addObject().put("trailArn", row.trailArn());
            if (!row.day().isEmpty()) {
                item.put("day", row.day());
            }
            item.put("files", sum.files).put("packedBytes", sum.packedBytes);
            var kinds = item.putArray("kinds");
            sum.kinds.forEach((kind, counts) ->
                    kinds.addObject()
                            .put("kind", kind)
                            .put("events", counts[0])
                            .put("bytes", counts[1]));
        });
        return array;
    }

    private void print(Map<Row, Sum> sums) {
        var table =
                byDay
                        ? new Table("DAY", "TRAIL", "KIND", "EVENTS", "BYTES", "FILES", "IN BUCKET")
                        : new Table("TRAIL", "KIND", "EVENTS", "BYTES", "FILES", "IN BUCKET");
        sums.forEach((row, sum) -> {
            var shown = TrailCalls.Arn.of(row.trailArn()).shown();
            var first = true;
            for (var kind : sum.kinds.entrySet()) {
                var files = first ? "%,d".formatted(sum.files) : "";
                var packed = first ? "%,d".formatted(sum.packedBytes) : "";
                var events = "%,d".formatted(kind.getValue()[0]);
                var bytes = "%,d".formatted(kind.getValue()[1]);
                if (byDay) {
                    table.row(row.day(), shown, kind.getKey(), events, bytes, files, packed);
                } else {
                    table.row(shown, kind.getKey(), events, bytes, files, packed);
                }
                first = false;
            }
        });
        if (table.isEmpty()) {
            Console.err()
                    .println("nothing was delivered in that time; 'cairn trail list' shows trails");
        } else {
            table.print(Console.out());
        }
    }
}
