package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.wiring.Proof;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "fsck",
        description =
                "Proves a data folder whose server is stopped: every byte of the ledger is read and"
                        + " checked.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn fsck --data cairn-data",
            "",
            "Exits 0 only when the folder is proved; prints one line for each thing that is wrong."
        })
final class FsckCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: ./cairn-data).")
    private Path data = ServerChoice.DEFAULT_DATA;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var proof = prove();
        if (json) {
            var answer = new ObjectMapper().createObjectNode();
            answer.put("events", proof.events());
            var findings = answer.putArray("findings");
            proof.findings().forEach(findings::add);
            var leftovers = answer.putArray("leftovers");
            proof.leftovers().forEach(leftovers::add);
            Console.json(answer);
        } else {
            var out = Console.out();
            proof.findings().forEach(finding -> out.println("finding   " + finding));
            proof.leftovers().forEach(leftover -> out.println("leftover  " + leftover));
            out.println(
                    proof.findings().isEmpty()
                            ? "proved: %,d events".formatted(proof.events())
                            : "NOT proved: %,d %s"
                                    .formatted(
                                            proof.findings().size(),
                                            proof.findings().size() == 1 ? "finding" : "findings"));
        }
        return proof.findings().isEmpty() ? 0 : CommandException.FAILED;
    }

    private Proof prove() throws CommandException {
        try (var bar = Progress.bytes("fsck", -1)) {
            return Proof.of(data.toAbsolutePath().normalize(), bar::at);
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }
}
