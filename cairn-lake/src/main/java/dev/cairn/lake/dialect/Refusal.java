package dev.cairn.lake.dialect;

import io.trino.sql.tree.Node;

/// Carries a [SqlRefusedException] up through a tree.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final SqlRefusedException refused;

    private Refusal(SqlRefusedException refused) {
        super(refused);
        this.refused = refused;
    }

    static Refusal at(Node node, String message) {
        return new Refusal(SqlRefusedException.at(node, message));
    }

    SqlRefusedException refused() {
        return refused;
    }
}
