package dev.cairn.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.testkit.RealData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The 14 filters of the CIS AWS Foundations Benchmark over real records: as many as are known to
/// match, those that are known among them, and the very ones that a reading by hand finds.
class BenchmarkFiltersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile("\\$\\.eventName\\s*=\\s*\"?(\\w+)");
    private static final Pattern SOURCE = Pattern.compile("\\$\\.eventSource\\s*=\\s*([\\w.]+)");

    @Test
    void each_matches_the_records_it_is_known_to_match() throws Exception {
        RealData data = RealData.assume();
        JsonNode filters =
                JSON.readTree(
                        data.folder()
                                .resolve(
                                        "metric-filters/cis-expected-on-developers-permissive.json")
                                .toFile());
        List<FilterPattern> patterns = new ArrayList<>();
        List<List<String>> taken = new ArrayList<>();
        List<List<String>> byHand = new ArrayList<>();
        for (JsonNode filter : filters) {
            patterns.add(FilterPattern.of(filter.path("pattern").asText()));
            taken.add(new ArrayList<>());
            byHand.add(new ArrayList<>());
        }
        FilterSet set = FilterSet.of(patterns);
        for (byte[] record : data.developersPermissive()) {
            JsonNode read = JSON.readTree(record);
            String id = read.path("eventID").asText();
            for (int i : set.taking(LogMessage.of(record))) {
                taken.get(i).add(id);
            }
            for (int i = 0; i < patterns.size(); i++) {
                if (byHand(filters.get(i), read)) {
                    byHand.get(i).add(id);
                }
            }
        }
        assertThat(filters).hasSize(14);
        for (int i = 0; i < filters.size(); i++) {
            JsonNode filter = filters.get(i);
            String name = filter.path("name").asText();
            assertThat(taken.get(i))
                    .as(name)
                    .hasSize(filter.path("matches_missing_is_false").asInt())
                    .containsAll(texts(filter.path("sample_eventIDs")))
                    .isEqualTo(byHand.get(i));
        }
    }

    /// Four filters have their own rule; of the others the names, and at most one source, say all.
    private static boolean byHand(JsonNode filter, JsonNode record) {
        String error = record.path("errorCode").asText();
        String name = record.path("eventName").asText();
        return switch (filter.path("name").asText()) {
            case "use-of-root-account-count" ->
                    record.at("/userIdentity/type").asText().equals("Root")
                            && record.at("/userIdentity/invokedBy").isMissingNode()
                            && record.path("eventType").isTextual()
                            && !record.path("eventType").asText().equals("AwsServiceEvent");
            case "authorization-failure-count" ->
                    error.endsWith("UnauthorizedOperation") || error.startsWith("AccessDenied");
            case "console-signin-without-mfa-count" ->
                    name.equals("ConsoleLogin")
                            && record.at("/additionalEventData/MFAUsed").isTextual()
                            && !record.at("/additionalEventData/MFAUsed").asText().equals("Yes");
            case "console-sign-in-failure-count" ->
                    name.equals("ConsoleLogin")
                            && record.path("errorMessage").asText().equals("Failed authentication");
            default -> {
                String pattern = filter.path("pattern").asText();
                Set<String> names = named(NAME, pattern);
                Set<String> sources = named(SOURCE, pattern);
                yield names.contains(name)
                        && (sources.isEmpty()
                                || sources.contains(record.path("eventSource").asText()));
            }
        };
    }

    private static Set<String> named(Pattern what, String pattern) {
        Set<String> names = new HashSet<>();
        for (MatchResult found : what.matcher(pattern).results().toList()) {
            names.add(found.group(1));
        }
        return names;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }
}
