package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.server.lake.LakeProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The process that runs one query, and a folder that goes with it. `dev.cairn.lake.worker.Worker`
/// says what is spoken with it.
///
/// It ends with this process: at an orderly end and at Ctrl-C it is killed, and when this process
/// is killed its input ends.
final class QueryWorker implements AutoCloseable {
    /// For the reading of log files; what a query needs is DuckDB's own.
    private static final String HEAP = "-Xmx512m";

    private static final int END_SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ScratchFolder scratch;
    private final Process process;
    private final BufferedReader answers;
    private final Thread atExit = new Thread(this::remove, "query-end");

    private QueryWorker(ScratchFolder scratch, Process process) {
        this.scratch = scratch;
        this.process = process;
        this.answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static QueryWorker start() throws CommandException {
        try {
            var scratch = ScratchFolder.make();
            return new QueryWorker(
                    scratch, LakeProcess.start(LakeProcess.WORKER, HEAP, scratch.path()));
        } catch (IOException failure) {
            throw new CommandException("cannot start the query: " + failure.getMessage(), failure);
        }
    }

    /// The folder that is removed at the end.
    Path scratch() {
        return scratch.path();
    }

    void ask(ObjectNode question) throws IOException {
        // Its input stays open: to the worker its end means that we are gone.
        var input = process.getOutputStream();
        input.write(JSON.writeValueAsBytes(question));
        input.write('\n');
        input.flush();
    }

    /// The next thing it says.
    ///
    /// @throws CommandException when it ends without a last word
    JsonNode next() throws IOException, CommandException, InterruptedException {
        var line = answers.readLine();
        if (line == null) {
            var code = process.waitFor();
            throw new CommandException(
                    "the query's process ended unexpectedly, with code %d%s"
                            .formatted(
                                    code,
                                    code == 137 || code == 134
                                            ? "; perhaps it needed more memory than there is (--memory)"
                                            : ""));
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        remove();
    }

    private void remove() {
        process.destroyForcibly();
        try {
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try {
            scratch.close();
        } catch (IOException failure) {
            Console.err()
                    .println(
                            "cairn: cannot remove " + scratch.path() + ": " + failure.getMessage());
        }
    }
}
