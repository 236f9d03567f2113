package dev.cairn.lake.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.lake.log.BadFile;
import dev.cairn.lake.log.LogTable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a worker says, a line each:
///
/// ```
/// {"reading":{"done":1048576,"total":4194304,"events":9000}}        again and again
/// {"read":{"files":55,"new":55,"events":2900,"leftOut":{"digests":4},"bad":[{"file":…,"message":…,"count":1}]}}
/// {"running":40}                                                    percent, again and again
/// {"accepted":{}}                                                   over stores: the query is sound, and begins to run
/// {"scanned":{"events":2900,"bytes":1048576}}                       over stores: what there is in them
/// {"columns":["eventName","n"],"types":["VARCHAR","BIGINT"]}         types as DuckDB writes them
/// ["ConsoleLogin",12]                                               a row; nested values as JSON
/// {"done":{"rows":1}}
/// {"refused":"line 1:8: column 'x' is not there"}                   the last line, instead of done
/// {"failed":"…"}                                                    the same; with "timeOver":true when its time was over
/// {"ready":{}}                                                      after done and refused, where it is to wait: nothing of the question is left
/// ```
///
/// Any thread may speak.
final class Answers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;

    Answers(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    }

    void reading(long done, long total, long events) {
        var json = JSON.createObjectNode();
        json.putObject("reading").put("done", done).put("total", total).put("events", events);
        say(json);
    }

    void read(LogTable table) {
        var json = JSON.createObjectNode();
        var read =
                json.putObject("read")
                        .put("files", table.files())
                        .put("new", table.read())
                        .put("events", table.events());
        var leftOut = read.putObject("leftOut");
        table.leftOut().forEach(leftOut::put);
        var bad = read.putArray("bad");
        for (BadFile file : table.bad()) {
            bad.addObject()
                    .put("file", file.file())
                    .put("message", file.message())
                    .put("count", file.count());
        }
        say(json);
    }

    void accepted() {
        var json = JSON.createObjectNode();
        json.putObject("accepted");
        say(json);
    }

    void scanned(long events, long bytes) {
        var json = JSON.createObjectNode();
        json.putObject("scanned").put("events", events).put("bytes", bytes);
        say(json);
    }

    void running(int percent) {
        say(JSON.createObjectNode().put("running", percent));
    }

    void columns(List<String> names, List<String> types) {
        var json = JSON.createObjectNode();
        names.forEach(json.putArray("columns")::add);
        types.forEach(json.putArray("types")::add);
        say(json);
    }

    /// @param json an array, on one line
    synchronized void row(String json) {
        try {
            out.write(json.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void done(long rows) {
        var json = JSON.createObjectNode();
        json.putObject("done").put("rows", rows);
        say(json);
    }

    void refused(String why) {
        say(JSON.createObjectNode().put("refused", why));
    }

    void ready() {
        var json = JSON.createObjectNode();
        json.putObject("ready");
        say(json);
    }

    void failed(String why, boolean timeOver) {
        var json = JSON.createObjectNode().put("failed", why);
        say(timeOver ? json.put("timeOver", true) : json);
    }

    private synchronized void say(ObjectNode json) {
        try {
            out.write(JSON.writeValueAsBytes(json));
            out.write('\n');
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
