"""The playbook, unpacked into what decisions ask for."""
