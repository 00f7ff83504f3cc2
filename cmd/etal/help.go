package main

import (
	"embed"
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed help/*.md
var topics embed.FS

// topicNames lists the help topics.
func topicNames() []string {
	entries, err := topics.ReadDir("help")
	if err != nil { // the build put them there
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".md"))
	}
	sort.Strings(out)
	return out
}

func (a *app) helpCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "Explain a command or a topic",
		Long: "Explain a command or a topic. The topics are " + strings.Join(topicNames(), ", ") + ".",
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if len(args) == 0 {
				if err := root.Help(); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "\nTopics (`etal help TOPIC`): %s\n", strings.Join(topicNames(), ", "))
				return err
			}
			if found, rest, err := root.Find(args); err == nil && found != root && len(rest) == 0 {
				return found.Help()
			}
			if len(args) == 1 {
				if b, err := topics.ReadFile(path.Join("help", args[0]+".md")); err == nil {
					_, err := a.out.Write(b)
					return err
				}
			}
			return usage("there is no help on %q: the topics are %s; `etal help` lists the commands", strings.Join(args, " "), strings.Join(topicNames(), ", "))
		},
	}
	return c
}
