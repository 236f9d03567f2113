package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// Every command line that a page of the documentation shows is one that is understood.
class DocumentedCommandsTest {
    private static final String PROGRAM = "./cairn ";
    private static final Path ROOT = Path.of("..");

    /// What the launcher does by itself.
    private static final Set<String> OF_A_CHECKOUT = Set.of("test", "bench");

    /// A command line as a page shows it.
    ///
    /// @param words behind the program's name, as a shell would hand them over
    record Shown(Path page, List<String> words) {
        @Override
        public String toString() {
            return page + ": " + String.join(" ", words);
        }
    }

    static Stream<Shown> commands() throws IOException {
        var shown = new ArrayList<Shown>();
        for (var page : pages()) {
            // What stands in a block of code, where a line may go on behind a backslash.
            var parts = Files.readString(ROOT.resolve(page)).replace("\\\n", " ").split("```", -1);
            for (var block = 1; block < parts.length; block += 2) {
                for (var line : parts[block].lines().toList()) {
                    for (var at = line.indexOf(PROGRAM);
                            at >= 0;
                            at = line.indexOf(PROGRAM, at + 1)) {
                        var words = words(line.substring(at + PROGRAM.length()));
                        if (!OF_A_CHECKOUT.contains(words.getFirst())) {
                            shown.add(new Shown(page, words));
                        }
                    }
                }
            }
        }
        return shown.stream();
    }

    private static List<Path> pages() throws IOException {
        try (var files = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(files, Stream.of(ROOT.resolve("README.md")))
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(ROOT::relativize)
                    .sorted()
                    .toList();
        }
    }

    /// The words of a command, up to a comment or to where the command ends.
    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        var quote = ' ';
        var begun = false;
        for (var at = 0; at < text.length(); at++) {
            var c = text.charAt(at);
            if (quote != ' ') {
                if (c == quote) {
                    quote = ' ';
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                begun = true;
            } else if (c == ' ' || "|>;&)".indexOf(c) >= 0 || (c == '#' && !begun)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                    begun = false;
                }
                if (c != ' ') {
                    return words;
                }
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void it_is_understood(Shown shown) {
        assertThatCode(() ->
                        new CommandLine(new CairnCommand())
                                .parseArgs(shown.words().toArray(String[]::new)))
                .doesNotThrowAnyException();
    }

    @Test
    void there_are_many_on_several_pages() throws IOException {
        assertThat(commands()).hasSizeGreaterThan(80);
        assertThat(commands().map(Shown::page).distinct()).hasSizeGreaterThan(8);
    }
}
