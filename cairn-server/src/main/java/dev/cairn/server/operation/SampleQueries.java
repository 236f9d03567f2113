package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// Queries to begin with, of Cairn's own writing, and CloudTrail's SearchSampleQueries over them.
///
/// They stand in a file: two comments, with the name and what it is good for, then the statement up
/// to a semicolon. `$EDS_ID` stands for the id of an event data store.
///
/// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_SearchSampleQueries.html
final class SampleQueries {
    private static final String FILE = "sample-queries.sql";
    private static final String COMMENT = "-- ";
    private static final int RESULTS = 10;

    /// A word of the phrase counts so much where it stands in a name, a description or a statement.
    private static final double IN_NAME = 1.0;

    private static final double IN_DESCRIPTION = 0.7;
    private static final double IN_STATEMENT = 0.4;

    /// One of them.
    ///
    /// @param sql over `$EDS_ID`
    record Sample(String name, String description, String sql) {}

    private record Found(Sample sample, double relevance) {}

    private final List<Sample> samples = read();

    private static List<Sample> read() {
        String text;
        try (var in = Objects.requireNonNull(SampleQueries.class.getResourceAsStream(FILE), FILE)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        var samples = new ArrayList<Sample>();
        for (var block : text.split(";\n", -1)) {
            var lines = block.strip().split("\n", 3);
            if (lines.length == 3) {
                samples.add(
                        new Sample(
                                lines[0].substring(COMMENT.length()),
                                lines[1].substring(COMMENT.length()),
                                lines[2]));
            }
        }
        return List.copyOf(samples);
    }

    List<Sample> all() {
        return samples;
    }

    /// SearchSampleQueries: those that have a word of the phrase, the best first.
    ObjectNode search(Invocation call) {
        var phrase = call.text("SearchPhrase", "");
        var words =
                Arrays.stream(phrase.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1))
                        .filter(word -> !word.isEmpty())
                        .distinct()
                        .toList();
        var found =
                samples.stream()
                        .map(sample -> new Found(sample, relevance(sample, words)))
                        .filter(match -> match.relevance() > 0)
                        .sorted(
                                Comparator.comparingDouble(Found::relevance)
                                        .reversed()
                                        .thenComparing(match -> match.sample().name()))
                        .toList();
        var begin = begin(call, phrase, found.size());
        var shown =
                found.subList(
                        begin, Math.min(found.size(), begin + call.number("MaxResults", RESULTS)));
        var output = JsonNodeFactory.instance.objectNode();
        var results = output.putArray("SearchResults");
        for (var match : shown) {
            results.addObject()
                    .put("Name", match.sample().name())
                    .put("Description", match.sample().description())
                    .put("SQL", match.sample().sql())
                    .put("Relevance", match.relevance());
        }
        var next = begin + shown.size();
        return next < found.size()
                ? output.put("NextToken", NameToken.of(next + " " + phrase))
                : output;
    }

    private static int begin(Invocation call, String phrase, int size) {
        if (!call.input().hasNonNull("NextToken")) {
            return 0;
        }
        var parts = NameToken.after(call, "NextToken").split(" ", 2);
        if (parts.length == 2 && parts[1].equals(phrase) && parts[0].matches("[0-9]{1,4}")) {
            var begin = Integer.parseInt(parts[0]);
            if (begin <= size) {
                return begin;
            }
        }
        throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
    }

    /// From 0, where no word is in it, to 1, where every word is in its name.
    private static double relevance(Sample sample, List<String> words) {
        var sum = 0.0;
        for (var word : words) {
            sum +=
                    has(sample.name(), word)
                            ? IN_NAME
                            : has(sample.description(), word)
                                    ? IN_DESCRIPTION
                                    : has(sample.sql(), word) ? IN_STATEMENT : 0;
        }
        return words.isEmpty() ? 0 : sum / words.size();
    }

    private static boolean has(String text, String word) {
        return text.toLowerCase(Locale.ROOT).contains(word);
    }
}
