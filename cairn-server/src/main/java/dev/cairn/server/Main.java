package dev.cairn.server;

import dev.cairn.server.command.CairnCommand;

/// The program's entry.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CairnCommand.run(arguments));
    }
}
