package dev.cairn.embedded.backup;

import dev.cairn.disk.Disk;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.nio.file.Path;
import java.util.Optional;

/// The work of a process that is going to be halted: it backs a folder up that is always the same,
/// or restores a backup of it.
///
/// Operations are those of the disk that is written to: of the backups, or of the restored folder.
///
/// Arguments: `backup`, the folder of backups; or `restore`, the folder of backups, the backup's
/// name, the folder to restore to. Then the operation to halt at (0 for none), and when.
final class BackupWork {
    private BackupWork() {}

    /// The folder that is backed up, the same each time.
    static Folder folder(Disk disk) throws Exception {
        var folder = new Folder(disk);
        folder.record(20);
        folder.put("a", "b", "c");
        return folder;
    }

    public static void main(String[] args) throws Exception {
        String to = args[args.length - 3];
        var halting =
                new HaltingDisk(
                        new RealDisk(Path.of(to)),
                        Long.parseLong(args[args.length - 2]),
                        HaltingDisk.When.valueOf(args[args.length - 1]));
        if (args[0].equals("backup")) {
            var folder = folder(new SimulatedDisk());
            System.out.println(Backup.run(folder.parts(halting)).name());
        } else {
            var from = Folder.place(new RealDisk(Path.of(args[1])));
            var _ =
                    Restore.run(
                            new Restore.Parts(
                                    from, args[2], halting, Optional.empty(), () -> {}, _ -> {}));
        }
        System.out.println("operations " + halting.operations());
    }
}
