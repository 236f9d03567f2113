package dev.cairn.dashboard;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// The text of a query with placeholders: `?`, or `'?'` as CloudTrail writes it beside eventTime.
///
/// @param parameters what takes their place, in order: a text, or the name of a value that a
///   refresh has, such as `$StartTime$`
public record QueryTemplate(String statement, List<String> parameters) {
    /// What is passed over as it is, or is a placeholder.
    private static final Pattern TOKEN =
            Pattern.compile(
                    "(?s)'(?:[^']|'')*'"
                            + "|\"(?:[^\"]|\"\")*\""
                            + "|--[^\\n]*"
                            + "|/\\*.*?\\*/"
                            + "|\\?");

    /// What stands without quotes where a placeholder does: a number, a store's id or ARN.
    private static final Pattern BARE =
            Pattern.compile(
                    "-?[0-9]+(?:\\.[0-9]+)?"
                            + "|(?:arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]+:eventdatastore/)?"
                            + "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    public QueryTemplate {
        parameters = List.copyOf(parameters);
    }

    /// How many placeholders there are.
    public int placeholders() {
        int count = 0;
        Matcher matcher = TOKEN.matcher(statement);
        while (matcher.find()) {
            count += placeholder(matcher.group()) ? 1 : 0;
        }
        return count;
    }

    private static boolean placeholder(String token) {
        return token.equals("?") || token.equals("'?'");
    }

    /// The statement with values for its placeholders. A value cannot become more than a literal or
    /// a table: it is put in quotes, but for numbers and event data stores where the placeholder
    /// has none. A time is written as SQL compares it.
    ///
    /// @throws Failure INVALID_PARAMETER when there are more or fewer values than placeholders
    public String filled(List<String> values) {
        List<String> left = new ArrayList<>(values);
        StringBuilder filled = new StringBuilder();
        Matcher matcher = TOKEN.matcher(statement);
        int done = 0;
        while (matcher.find()) {
            if (placeholder(matcher.group())) {
                if (left.isEmpty()) {
                    throw unlike(values.size());
                }
                String value = left.removeFirst();
                filled.append(statement, done, matcher.start());
                filled.append(
                        matcher.group().equals("?") && BARE.matches(value)
                                ? value
                                : literal(value));
                done = matcher.end();
            }
        }
        if (!left.isEmpty()) {
            throw unlike(values.size());
        }
        return filled.append(statement, done, statement.length()).toString();
    }

    private Failure unlike(int values) {
        return new Failure(
                ErrorCode.INVALID_PARAMETER,
                "Expected %d query parameters, one for each ? of the statement, got %d."
                        .formatted(placeholders(), values));
    }

    private static String literal(String value) {
        return "'" + time(value).replace("'", "''") + "'";
    }

    private static String time(String value) {
        try {
            return TIME.format(Instant.parse(value));
        } catch (DateTimeParseException _) {
            return value;
        }
    }
}
