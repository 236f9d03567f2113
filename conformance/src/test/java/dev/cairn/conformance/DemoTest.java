package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `cairn demo`: an instance that has something to look at.
final class DemoTest {
    private static final Duration FILLED_MAX = Duration.ofSeconds(60);

    private final Path home;
    private final List<Process> started = new ArrayList<>();

    DemoTest() throws Exception {
        home = Files.createTempDirectory("cairn-demo");
    }

    @AfterEach
    void end() throws Exception {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
        LiveServer.delete(home);
    }

    private Process demo(String events) throws Exception {
        var process =
                Command.builder(
                                home,
                                Map.of(),
                                Command.cairn(
                                        "demo",
                                        "--data",
                                        data(),
                                        "--port",
                                        "0",
                                        "--events",
                                        events))
                        .redirectOutput(out().toFile())
                        .redirectError(said().toFile())
                        .start();
        started.add(process);
        return process;
    }

    private String data() {
        return home.resolve("data").toString();
    }

    private Path out() {
        return home.resolve("out.txt");
    }

    private Path said() {
        return home.resolve("said.txt");
    }

    private Command cairn(String... arguments) throws Exception {
        var words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("--data", data()));
        return Command.run(home, Map.of(), Command.cairn(words.toArray(String[]::new)));
    }

    private static void stop(Process demo) throws Exception {
        demo.destroy();
        assertThat(demo.waitFor(LiveServer.STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        // 128 and SIGTERM: all was closed in time.
        assertThat(demo.exitValue()).isEqualTo(143);
    }

    private void awaitReady() throws Exception {
        var line =
                Await.value(
                        Await.Bound.of("the ready line", FILLED_MAX),
                        () -> Files.readString(out()),
                        out -> out.endsWith("\n"));
        assertThat(line).matches("ready http://127\\.0\\.0\\.1:\\d+ in \\d+\\.\\d s\n");
    }

    @Test
    void demoFillsSaysWhatToTryAndStops() throws Exception {
        var demo = demo("300");
        awaitReady();
        var tries =
                Await.value(
                        Await.Bound.of("what to try", FILLED_MAX),
                        () -> Files.readString(said()),
                        said -> said.contains("aws cloudtrail lookup-events"));
        assertThat(tries).contains("./cairn who i-0abc1234def567890 --data " + data());
        // What it says to try finds something.
        Await.until(
                Await.Bound.of("the story in history", FILLED_MAX),
                () ->
                        cairn("who", "i-0abc1234def567890")
                                .exited(0)
                                .out()
                                .contains("TerminateInstances"));
        stop(demo);
        // Filled once: the next demo on the folder serves what is there.
        var recorded = events(cairn("fsck").exited(0));
        var again = demo("300");
        awaitReady();
        stop(again);
        assertThat(events(cairn("fsck").exited(0)) - recorded).isLessThan(300);
    }

    @Tag("long")
    @Test
    void demoStopsWhileItFillsAndFillsAfterwards() throws Exception {
        var demo = demo("100000000");
        Await.until(
                Await.Bound.of("a server that fills", FILLED_MAX),
                () -> Files.exists(home.resolve("data/server.json")));
        stop(demo);
        assertThat(out()).isEmptyFile();
        cairn("fsck").exited(0);

        var again = demo("300");
        awaitReady();
        assertThat(cairn("account", "list").exited(0).lines()).hasSizeGreaterThan(2);
        stop(again);
    }

    /// Of `proved: 1,234 events`.
    private static long events(Command fsck) {
        var count = fsck.out().replaceAll("(?s).*proved: ([\\d,]+) events.*", "$1");
        return Long.parseLong(count.replace(",", ""));
    }
}
