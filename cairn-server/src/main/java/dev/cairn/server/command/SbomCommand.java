package dev.cairn.server.command;

import dev.cairn.server.configuration.Version;
import dev.cairn.server.release.BillOfMaterials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "sbom",
        description = "Lists the libraries that this Cairn runs with, and their licences.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn sbom",
            "  cairn sbom --json > cairn.cdx.json          # CycloneDX, for other tools",
            "  cairn doctor dependencies --database all.zip # what of it is known to be vulnerable",
            "",
            "The list was made when Cairn was built. Exits 2 when that build made none."
        })
final class SbomCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print the list itself, CycloneDX in JSON.")
    private boolean json;

    /// A list, and the folder of the release it is of.
    record Own(Path home, BillOfMaterials list) {}

    /// The list of the release that runs.
    static Own own() throws CommandException {
        try {
            var home = BillOfMaterials.home();
            if (home.isPresent()) {
                var list = BillOfMaterials.of(home.get(), Version.current());
                if (list.isPresent()) {
                    return new Own(home.get(), list.get());
                }
            }
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot read the list of libraries: " + failure.getMessage(), failure);
        }
        throw new CommandException(
                "this build of Cairn has no list of its libraries: './cairn' makes one when it builds, and so does 'mvn -Psbom package'",
                CommandException.USAGE);
    }

    @Override
    public Integer call() throws Exception {
        var list = own().list();
        if (json) {
            Console.json(list.json());
            return 0;
        }
        var table = new Table("LIBRARY", "VERSION", "LICENCE");
        for (var component : list.components()) {
            table.row(
                    component.coordinates(),
                    component.version(),
                    String.join(", ", component.licences()));
        }
        table.print(Console.out());
        return 0;
    }
}
