package dev.cairn.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file of principals: JSON (an array of objects) or CSV whose first line names the columns. What
/// the members mean is checked by the server.
final class PrincipalFile {
    private static final List<String> COLUMNS =
            List.of("accessKeyId", "type", "accountId", "name", "sessionName", "principalId");

    private static final ObjectMapper WHOLE =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private PrincipalFile() {}

    static ArrayNode read(Path file) throws IOException, CommandException {
        var text = Files.readString(file).replace("\uFEFF", "");
        return text.stripLeading().startsWith("[") ? json(file, text) : csv(file, text);
    }

    private static ArrayNode json(Path file, String text) throws CommandException {
        try {
            if (WHOLE.readTree(text) instanceof ArrayNode array) {
                return array;
            }
        } catch (JsonProcessingException malformed) {
            throw new CommandException(
                    "%s is no JSON: %s".formatted(file, malformed.getOriginalMessage()), malformed);
        }
        throw new CommandException("%s: expected an array of objects".formatted(file));
    }

    private static ArrayNode csv(Path file, String text) throws CommandException {
        var rows = rows(file, text);
        var columns = rows.isEmpty() ? List.<String>of() : rows.getFirst();
        for (var column : columns) {
            if (!COLUMNS.contains(column)) {
                throw new CommandException(
                        "%s: expected a first line that names columns of %s, got '%s'"
                                .formatted(file, String.join(",", COLUMNS), column));
            }
        }
        var principals = JsonNodeFactory.instance.arrayNode();
        for (var row : rows.subList(Math.min(1, rows.size()), rows.size())) {
            if (row.size() != columns.size()) {
                throw new CommandException(
                        "%s: expected %d values, got %d: %s"
                                .formatted(file, columns.size(), row.size(), row));
            }
            var principal = principals.addObject();
            for (var i = 0; i < row.size(); i++) {
                if (!row.get(i).isEmpty()) {
                    principal.put(columns.get(i), row.get(i));
                }
            }
        }
        return principals;
    }

    /// RFC 4180: values between commas, in quotes where they hold commas, quotes or line ends.
    private static List<List<String>> rows(Path file, String text) throws CommandException {
        var rows = new ArrayList<List<String>>();
        var row = new ArrayList<String>();
        var value = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                value.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted) {
                value.append(c);
            } else if (c == ',') {
                row.add(value.toString().strip());
                value.setLength(0);
            } else if (c == '\n') {
                end(rows, row, value);
                row = new ArrayList<>();
            } else if (c != '\r') {
                value.append(c);
            }
        }
        if (quoted) {
            throw new CommandException("%s: expected an even number of quotes".formatted(file));
        }
        end(rows, row, value);
        return rows;
    }

    private static void end(List<List<String>> rows, List<String> row, StringBuilder value) {
        if (row.isEmpty() && value.toString().isBlank()) {
            value.setLength(0);
            return;
        }
        row.add(value.toString().strip());
        value.setLength(0);
        rows.add(row);
    }
}
