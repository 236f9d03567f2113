package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher, copied into a checkout that has nothing but names, with a JDK and a Maven that
/// only say what they were asked.
final class LauncherTest {
    private static final Duration WAITING_MAX = Duration.ofSeconds(60);

    /// What the launcher may use of the machine.
    private static final List<String> TOOLS =
            List.of(
                    "cat",
                    "dirname",
                    "env",
                    "find",
                    "flock",
                    "mkdir",
                    "mkfifo",
                    "mktemp",
                    "mv",
                    "readlink",
                    "rm",
                    "sed",
                    "tail",
                    "touch");

    @TempDir private Path folder = Path.of("");

    private Path checkout = Path.of("");
    private Path tools = Path.of("");
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void makeCheckout() throws IOException {
        folder = folder.toRealPath();
        checkout = Files.createDirectory(folder.resolve("checkout"));
        tools = Files.createDirectory(folder.resolve("tools"));
        for (var tool : TOOLS) {
            script(
                    tools.resolve(tool),
                    "#!%s\nexec %s \"$@\"\n".formatted(found("bash"), found(tool)));
        }
        // The usual places of JDKs, below this folder, so that the machine's own are not found.
        var launcher =
                Files.readString(Path.of("../cairn"))
                        .replaceAll("/usr/lib/jvm/\\*", folder + "/usual/*")
                        .replaceAll("(?<= )(/usr/java|/opt|/Library)/", folder + "/none/");
        script(checkout.resolve("cairn"), launcher);
        for (var source :
                List.of(
                        "pom.xml",
                        ".mvn/jvm.config",
                        "cairn-server/pom.xml",
                        "cairn-server/src/main/A.java")) {
            Files.createDirectories(checkout.resolve(source).getParent());
            Files.createFile(checkout.resolve(source));
        }
        script(
                tools.resolve("mvn"),
                """
                #!%s
                echo "$JAVA_HOME $*" >>%s
                if [ -p go ]; then read -r line <go; fi
                if [ -e broken ]; then echo "expected a semicolon"; exit 1; fi
                mkdir -p cairn-server/target && touch cairn-server/target/cairn.jar
                """
                        .formatted(found("bash"), builds()));
    }

    private Path builds() {
        return folder.resolve("builds.txt");
    }

    /// A JDK that prints its own name and how it was called.
    private Path jdk(String name, int version) throws IOException {
        var home = folder.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"%d.0.1\"\n".formatted(version));
        script(
                home.resolve("bin/java"),
                "#!%s\necho \"%s: $*\"\n".formatted(found("bash"), home.getFileName()));
        script(home.resolve("bin/javac"), "#!%s\n".formatted(found("bash")));
        return home;
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path found(String tool) {
        return List.of("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin").stream()
                .map(place -> Path.of(place, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected " + tool + " on this machine"));
    }

    private ProcessBuilder launch(String... arguments) {
        var builder = new ProcessBuilder(found("bash").toString(), checkout + "/cairn");
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    /// Both outputs as one, and at their end the exit code.
    private String said(Process process) throws Exception {
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said + "exit " + process.waitFor();
    }

    private String run(String... arguments) throws Exception {
        return said(launch(arguments).start());
    }

    private List<String> built() throws IOException {
        return Files.exists(builds()) ? Files.readAllLines(builds()) : List.of();
    }

    @Test
    void firstUseBuildsAndLaterOnesDoNot() throws Exception {
        environment.put("JAVA_HOME", jdk("mine", 25).toString());
        environment.put("CAIRN_JAVA_OPTS", "-Xmx1g -Xms1g");

        assertThat(run("--version"))
                .startsWith("cairn: building (first use, or sources changed) ...\nmine: ")
                .endsWith(
                        "-Xmx1g -Xms1g -jar %s/cairn-server/target/cairn.jar --version\nexit 0"
                                .formatted(checkout));
        assertThat(run("status", "--json", "two words"))
                .startsWith("mine: ")
                .endsWith("cairn.jar status --json two words\nexit 0");

        assertThat(built()).hasSize(1);
        assertThat(built().getFirst()).startsWith(folder.resolve("mine") + " ").contains("package");
    }

    @Test
    void newerSourcesAreBuiltAgain() throws Exception {
        environment.put("JAVA_HOME", jdk("mine", 25).toString());
        run("--version");
        var mark = checkout.resolve("cairn-server/target/built");
        Files.setLastModifiedTime(mark, FileTime.from(Instant.parse("2026-01-02T00:00:00Z")));
        for (var source : List.of("pom.xml", ".mvn/jvm.config", "cairn-server")) {
            age(checkout.resolve(source));
        }
        run("--version");
        assertThat(built()).hasSize(1);

        Files.writeString(checkout.resolve("cairn-server/src/main/A.java"), "class A {}");
        run("--version");
        assertThat(built()).hasSize(2);
        run("--version");
        assertThat(built()).hasSize(2);
    }

    private static void age(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.filter(file -> !file.toString().contains("/target")).toList()) {
                Files.setLastModifiedTime(
                        file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
            }
        }
    }

    @Test
    void twoStartedTogetherBuildOnce() throws Exception {
        environment.put("JAVA_HOME", jdk("mine", 25).toString());
        var go = checkout.resolve("go");
        assertThat(new ProcessBuilder("mkfifo", go.toString()).start().waitFor()).isZero();

        var first = launch("--version").start();
        Await.until(Await.Bound.of("a build under way", WAITING_MAX), () -> built().size() == 1);
        var second = launch("--version").start();
        try {
            Await.until(
                    Await.Bound.of("the second waiting for the lock", WAITING_MAX),
                    () ->
                            second.descendants()
                                    .anyMatch(child ->
                                            child.info().command().orElse("").endsWith("flock")));
            Files.writeString(go, "go\n");

            assertThat(said(first)).contains("mine: ").endsWith("exit 0");
            assertThat(said(second)).startsWith("mine: ").endsWith("exit 0");
            assertThat(built()).hasSize(1);
        } finally {
            for (var process : List.of(first, second)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void failedBuildIsToldAndTriedAgain() throws Exception {
        environment.put("JAVA_HOME", jdk("mine", 25).toString());
        Files.createFile(checkout.resolve("broken"));
        assertThat(run("--version"))
                .endsWith(
                        "expected a semicolon\ncairn: the build failed; the whole output is in %s\nexit 1"
                                .formatted(checkout.resolve("cairn-server/target/build.log")));
        Files.delete(checkout.resolve("broken"));
        assertThat(run("--version")).contains("mine: ").endsWith("exit 0");
        assertThat(built()).hasSize(2);
    }

    @Test
    void wrongJavaHomeIsPassedOverForTheJdkOnThePath() throws Exception {
        var onPath = jdk("onpath", 26);
        Files.createSymbolicLink(tools.resolve("java"), onPath.resolve("bin/java"));
        for (var wrong :
                List.of(folder + "/nowhere", jdk("old", 17).toString(), jre().toString())) {
            environment.put("JAVA_HOME", wrong);
            assertThat(run("--version")).contains("onpath: ").endsWith("exit 0");
        }
    }

    /// A JDK 25 that cannot compile.
    private Path jre() throws IOException {
        var jre = jdk("jre", 25);
        Files.delete(jre.resolve("bin/javac"));
        return jre;
    }

    @Test
    void jdkInAUsualPlaceIsFound() throws Exception {
        jdk("usual/a-17", 17);
        jdk("usual/b-25", 25);
        assertThat(run("--version")).contains("b-25: ").endsWith("exit 0");
    }

    @Test
    void missingJdkIsToldInOneLine() throws Exception {
        assertThat(run("--version"))
                .isEqualTo(
                        "cairn: needs a JDK 25 or newer and found none. Install one or set JAVA_HOME.\nexit 1");
        var old = jdk("usual/old", 21);
        assertThat(run("--version"))
                .isEqualTo(
                        "cairn: needs a JDK 25 or newer; found only 21 in %s. Install one or set JAVA_HOME.\nexit 1"
                                .formatted(old));
    }

    @Test
    void missingMavenIsToldInOneLine() throws Exception {
        environment.put("JAVA_HOME", jdk("mine", 25).toString());
        Files.delete(tools.resolve("mvn"));
        assertThat(run("--version"))
                .isEqualTo(
                        "cairn: needs Maven 3.8 or newer to build, and 'mvn' is not on the path.\nexit 1");
    }
}
