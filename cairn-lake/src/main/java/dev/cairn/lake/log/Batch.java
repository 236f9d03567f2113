package dev.cairn.lake.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Log files whose events were made into Parquet files together. It holds as long as each of the
/// log files is what it was.
///
/// @param parts names of the Parquet files, and their lengths in bytes
/// @param events how many there are in the parts
record Batch(List<LogFile> files, List<Part> parts, List<BadFile> bad, long events) {
    /// What the columns and the Parquet files are like; a batch of another is of no use.
    static final int FORMAT = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    record Part(String name, long length) {}

    long length() {
        return parts.stream().mapToLong(Part::length).sum();
    }

    byte[] json() {
        var json = JSON.createObjectNode().put("format", FORMAT).put("events", events);
        var all = json.putArray("files");
        for (var file : files) {
            all.addObject()
                    .put("path", file.path().toString())
                    .put("length", file.length())
                    .put("modified", file.modified());
        }
        var made = json.putArray("parts");
        for (var part : parts) {
            made.addObject().put("name", part.name()).put("length", part.length());
        }
        var broken = json.putArray("bad");
        for (var file : bad) {
            broken.addObject()
                    .put("file", file.file())
                    .put("message", file.message())
                    .put("count", file.count());
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree can always be written", impossible);
        }
    }

    /// @throws IOException when these bytes are no batch of this format
    static Batch of(byte[] bytes) throws IOException {
        JsonNode json = JSON.readTree(bytes);
        if (json == null || json.path("format").asInt() != FORMAT) {
            throw new IOException("expected a batch of format " + FORMAT);
        }
        var files = new ArrayList<LogFile>();
        for (var file : json.path("files")) {
            files.add(
                    new LogFile(
                            Path.of(file.path("path").asText()),
                            file.path("length").asLong(),
                            file.path("modified").asLong()));
        }
        var parts = new ArrayList<Part>();
        for (var part : json.path("parts")) {
            parts.add(new Part(part.path("name").asText(), part.path("length").asLong()));
        }
        var bad = new ArrayList<BadFile>();
        for (var file : json.path("bad")) {
            bad.add(
                    new BadFile(
                            file.path("file").asText(),
                            file.path("message").asText(),
                            file.path("count").asLong()));
        }
        return new Batch(files, parts, bad, json.path("events").asLong());
    }
}
