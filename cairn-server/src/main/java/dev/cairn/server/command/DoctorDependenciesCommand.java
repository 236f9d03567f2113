package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.release.BillOfMaterials;
import dev.cairn.server.release.VulnerabilityDatabase;
import dev.cairn.server.release.VulnerabilityDatabase.Judgement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "dependencies",
        description =
                "Holds the libraries that Cairn runs with against a database of known vulnerabilities on this machine.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn doctor dependencies --database all.zip    # OSV's export for Maven",
            "  cairn doctor dependencies --database advisories/ --json",
            "",
            "The database is a zip or a folder of entries in OSV's form; OSV publishes one for Maven at",
            "https://osv-vulnerabilities.storage.googleapis.com/Maven/all.zip. Cairn fetches nothing.",
            "",
            "Exits 0 when nothing is known against any of them, 1 when something is, or when a library is not the one that",
            "was built in, and 2 when that could not be judged: no database, or one that could not be read whole."
        })
final class DoctorDependenciesCommand implements Callable<Integer> {
    private static final int UNREAD_SHOWN = 10;

    @Option(
            names = "--database",
            paramLabel = "PATH",
            description = "A zip or a folder with entries in OSV's form.")
    private @Nullable Path database;

    @Option(
            names = "--sbom",
            paramLabel = "FILE",
            description =
                    "The list of another release, CycloneDX in JSON (default: of the one that runs).")
    private @Nullable Path sbom;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        BillOfMaterials list;
        List<String> unlisted;
        if (sbom == null) {
            var own = SbomCommand.own();
            list = own.list();
            unlisted = list.unlisted(own.home());
        } else {
            list = read(sbom);
            unlisted = List.of();
        }
        if (database == null) {
            tell(unlisted);
            throw new CommandException(
                    "cannot judge: no database of known vulnerabilities is named (--database); 'cairn doctor dependencies --help' says where there is one",
                    CommandException.USAGE);
        }
        var judgement = judge(list, database);
        if (json) {
            print(list, unlisted, judgement);
        } else {
            tell(unlisted);
            tell(list, judgement);
        }
        if (!judgement.found().isEmpty() || !unlisted.isEmpty()) {
            return CommandException.FAILED;
        }
        return judgement.whole() ? 0 : CommandException.USAGE;
    }

    private static BillOfMaterials read(Path file) throws CommandException {
        try {
            return BillOfMaterials.read(file);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot read the list of libraries: " + failure.getMessage(),
                    CommandException.USAGE);
        }
    }

    private static Judgement judge(BillOfMaterials list, Path database) throws CommandException {
        try {
            return VulnerabilityDatabase.judge(list.components(), database);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot judge: %s cannot be read as a zip or a folder of entries: %s"
                            .formatted(database, failure.getMessage()),
                    CommandException.USAGE);
        }
    }

    private static void tell(List<String> unlisted) {
        for (var file : unlisted) {
            Console.out()
                    .println(
                            "NOT AS BUILT  %s is not, byte for byte, in the list of libraries"
                                    .formatted(Table.clean(file)));
        }
    }

    private static void tell(BillOfMaterials list, Judgement judgement) {
        var table = new Table("ID", "SEVERITY", "LIBRARY", "VERSION", "FIXED IN", "SUMMARY");
        for (var found : judgement.found()) {
            table.row(
                    found.advisory().id(),
                    found.advisory().severity(),
                    found.component().coordinates(),
                    found.component().version(),
                    found.advisory().fixedIn(found.component()).orElse("-"),
                    found.advisory().summary());
        }
        if (!table.isEmpty()) {
            table.print(Console.out());
        }
        judgement.unread().stream()
                .limit(UNREAD_SHOWN)
                .forEach(why -> Console.err().println("not read: " + Table.clean(why)));
        if (judgement.unread().size() > UNREAD_SHOWN) {
            Console.err()
                    .println(
                            "... and %,d more".formatted(judgement.unread().size() - UNREAD_SHOWN));
        }
        if (judgement.entries() == 0) {
            Console.out()
                    .println("cannot judge: the database has no entries about Maven's libraries");
            return;
        }
        Console.out()
                .println(
                        "%,d libraries held against %,d entries, the newest of %s: %,d known to be vulnerable%s"
                                .formatted(
                                        list.components().size(),
                                        judgement.entries(),
                                        Table.clean(judgement.newest()),
                                        judgement.found().stream()
                                                .map(it -> it.component())
                                                .distinct()
                                                .count(),
                                        judgement.unread().isEmpty()
                                                ? ""
                                                : "; %,d entries could not be read"
                                                        .formatted(judgement.unread().size())));
    }

    private static void print(BillOfMaterials list, List<String> unlisted, Judgement judgement) {
        var answer = new ObjectMapper().createObjectNode();
        answer.put("libraries", list.components().size());
        answer.put("entries", judgement.entries());
        answer.put("newest", judgement.newest());
        answer.put("whole", judgement.whole());
        var vulnerabilities = answer.putArray("vulnerabilities");
        for (var found : judgement.found()) {
            var advisory = found.advisory();
            var one =
                    vulnerabilities
                            .addObject()
                            .put("id", advisory.id())
                            .put("severity", advisory.severity())
                            .put("library", found.component().coordinates())
                            .put("version", found.component().version())
                            .put("fixedIn", advisory.fixedIn(found.component()).orElse(null))
                            .put("summary", advisory.summary());
            var aliases = one.putArray("aliases");
            advisory.aliases().forEach(aliases::add);
        }
        var changed = answer.putArray("notAsBuilt");
        unlisted.forEach(changed::add);
        var unread = answer.putArray("unread");
        judgement.unread().forEach(unread::add);
        Console.json(answer);
    }
}
