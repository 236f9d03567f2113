package dev.cairn.server.command;

import dev.cairn.server.configuration.SettingException;
import dev.cairn.server.configuration.Version;
import dev.cairn.server.wiring.Logs;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// What stands in front of every command.
@Command(
        name = "cairn",
        description = "An open CloudTrail that you run yourself.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = CairnCommand.VersionLine.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            ImportCommand.class,
            EnvCommand.class,
            SearchCommand.class,
            WhoCommand.class,
            WhoReadCommand.class,
            QueryCommand.class,
            TailCommand.class,
            WatchCommand.class,
            StatusCommand.class,
            TrailCommand.class,
            MetricCommand.class,
            UsageCommand.class,
            ReportCommand.class,
            AccountCommand.class,
            KeyCommand.class,
            TokenCommand.class,
            GatewayCommand.class,
            SourceCommand.class,
            DeadLettersCommand.class,
            FsckCommand.class,
            VerifyCommand.class,
            FetchProofCommand.class,
            RestoreCommand.class,
            BackupCommand.class,
            RestoreBackupCommand.class,
            MoveCommand.class,
            RebuildCommand.class,
            SbomCommand.class,
            DoctorCommand.class
        },
        footerHeading = "%nAlso, from a checkout:%n",
        footer = {
            "  test      Runs the tests; --all runs the long suites too, --long those alone.",
            "  bench     Runs the benchmarks.",
            "",
            "First steps:",
            "  cairn serve",
            "  cairn import path/to/CloudTrail/",
            "  eval \"$(cairn env)\" && aws cloudtrail lookup-events"
        })
public final class CairnCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the specification before it calls.
    CairnCommand() {}

    /// Runs a command line.
    ///
    /// @return the exit code: 0 done, 1 failed or found something wrong, 2 used wrongly
    public static int run(String... arguments) {
        Logs.configure(false, "warn");
        return new CommandLine(new CairnCommand())
                .setExecutionExceptionHandler((failure, _, _) -> {
                    Console.err().println("cairn: " + message(failure));
                    return switch (failure) {
                        case CommandException known -> known.exitCode();
                        case SettingException _ -> CommandException.USAGE;
                        default -> CommandException.FAILED;
                    };
                })
                .execute(arguments);
    }

    private static String message(Exception failure) {
        return switch (failure) {
            case CommandException known -> String.valueOf(known.getMessage());
            case SettingException setting -> String.valueOf(setting.getMessage());
            case IOException io -> io.getClass().getSimpleName() + ": " + io.getMessage();
            default -> failure.toString();
        };
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(Console.err());
        return CommandException.USAGE;
    }

    /// What `--version` prints.
    static final class VersionLine implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"cairn " + Version.current()};
        }
    }
}
