package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// record is engine.json: how to find the engine of a root, and to end it surely.
type record struct {
	PID     int    `json:"pid"`     // of the keeper, as seen where the engine was launched
	Started string `json:"started"` // field 22 of its /proc/PID/stat: a pid used again has another
	Boot    string `json:"boot"`    // the machine's boot id: a pid means nothing after a reboot
	Version string `json:"version"` // of the formats in the root
	Binary  string `json:"binary"`  // SHA-256 of the engine's file
	PIDs    bool   `json:"pids"`    // the keeper's death ends all that is inside
	UserNS  string `json:"userns"`  // name of its user namespace: all that is inside is in it, or in one made in it
}

// writeRecord writes engine.json atomically.
func writeRecord(root string, r record) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(root, "engine.json.new")
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(raw, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(root, "engine.json"))
}

// startTime returns the start time of a process, field 22 of its stat file.
func startTime(pid int) (string, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The name, field 2, is in parentheses and may hold spaces and parentheses.
	_, rest, ok := cutLast(string(raw), ") ")
	f := strings.Fields(rest)
	if !ok || len(f) < 20 {
		return "", fmt.Errorf("stat of process %d is cut off", pid)
	}
	return f[19], nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// bootID names this boot of the machine.
func bootID() string {
	raw, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(raw))
}
