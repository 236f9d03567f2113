package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// What `--help` prints, of every command.
class HelpTest {
    private static final String EXAMPLES = "Examples:";

    static Stream<CommandLine> commands() {
        return below(new CommandLine(new CairnCommand()));
    }

    private static Stream<CommandLine> below(CommandLine command) {
        return command.getSubcommands().values().stream()
                .flatMap(each -> Stream.concat(Stream.of(each), below(each)));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void it_shows_examples_of_the_command(CommandLine command) {
        var help = command.getUsageMessage();

        assertThat(help).contains(EXAMPLES);
        assertThat(help.substring(help.indexOf(EXAMPLES)))
                .contains(command.getCommandSpec().qualifiedName());
    }

    @Test
    void there_are_commands_and_some_have_commands_of_their_own() {
        assertThat(commands()).hasSizeGreaterThan(50);
        assertThat(commands().map(command -> command.getCommandSpec().qualifiedName()))
                .contains("cairn serve", "cairn trail create");
    }
}
