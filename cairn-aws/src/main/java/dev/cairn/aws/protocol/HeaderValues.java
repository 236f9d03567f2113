package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Members that travel in header fields.
final class HeaderValues {

    private HeaderValues() {}

    static JsonNode parse(List<String> values, Member member) throws Malformed {
        if (member.shape() instanceof Shape.Listing listing) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            boolean dates =
                    listing.item().shape() instanceof Shape.Timestamp
                            && listing.item().timestampFormat(TimestampFormat.RFC822)
                                    == TimestampFormat.RFC822;
            for (String value : values) {
                if (value.isBlank()) {
                    continue;
                }
                for (String item : dates ? splitDates(value) : split(value)) {
                    array.add(Scalars.parse(item, listing.item(), TimestampFormat.RFC822));
                }
            }
            return array;
        }
        String value = values.getFirst();
        if (member.jsonValue()) {
            return new JsonReader(false).readAny(JsonReader.utf8(JsonReader.base64(value)));
        }
        return Scalars.parse(value, member, TimestampFormat.RFC822);
    }

    /// A list as one field: items separated by commas, in quotes where they have commas or quotes
    /// themselves.
    private static List<String> split(String value) throws Malformed {
        var items = new ArrayList<String>();
        int i = 0;
        while (i <= value.length()) {
            while (i < value.length() && value.charAt(i) == ' ') {
                i++;
            }
            var item = new StringBuilder();
            if (i < value.length() && value.charAt(i) == '"') {
                i++;
                while (i < value.length() && value.charAt(i) != '"') {
                    if (value.charAt(i) == '\\' && i + 1 < value.length()) {
                        i++;
                    }
                    item.append(value.charAt(i++));
                }
                if (i == value.length()) {
                    throw new Malformed("A quoted header value has no end");
                }
                i++;
                while (i < value.length() && value.charAt(i) == ' ') {
                    i++;
                }
                if (i < value.length() && value.charAt(i) != ',') {
                    throw new Malformed("Expected a comma after a quoted header value");
                }
                items.add(item.toString());
            } else {
                int comma = value.indexOf(',', i);
                int end = comma < 0 ? value.length() : comma;
                items.add(value.substring(i, end).strip());
                i = end;
            }
            i++;
        }
        return items;
    }

    /// HTTP dates have a comma of their own: every second one separates.
    private static List<String> splitDates(String value) {
        var items = new ArrayList<String>();
        int start = 0;
        int comma = value.indexOf(',');
        while (comma >= 0) {
            int separator = value.indexOf(',', comma + 1);
            int end = separator < 0 ? value.length() : separator;
            items.add(value.substring(start, end).strip());
            start = end + 1;
            comma = separator < 0 ? -1 : value.indexOf(',', separator + 1);
        }
        if (start < value.length()) {
            items.add(value.substring(start).strip());
        }
        return items;
    }

    static String format(JsonNode value, Member member) {
        if (member.jsonValue()) {
            return Base64.getEncoder()
                    .encodeToString(value.toString().getBytes(StandardCharsets.UTF_8));
        }
        if (member.shape() instanceof Shape.Listing listing) {
            var items = new ArrayList<String>();
            for (JsonNode item : value) {
                String text = Scalars.format(item, listing.item(), TimestampFormat.RFC822);
                items.add(listing.item().shape() instanceof Shape.Text ? quoted(text) : text);
            }
            return String.join(", ", items);
        }
        return Scalars.format(value, member, TimestampFormat.RFC822);
    }

    private static String quoted(String text) {
        return text.indexOf(',') < 0 && text.indexOf('"') < 0
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
