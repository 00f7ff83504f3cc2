package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/etal-cloud/etal/node"
	"github.com/etal-cloud/etal/node/api"
)

// findJob returns the job of a name, or the one whose name begins with it.
func findJob(ctx context.Context, c *api.Client, name string) (node.JobView, error) {
	jobs, err := c.Jobs(ctx)
	if err != nil {
		return node.JobView{}, err
	}
	var found []node.JobView
	for _, j := range jobs {
		if j.Name == name {
			return j, nil
		}
		if name != "" && strings.HasPrefix(j.Name, name) {
			found = append(found, j)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return node.JobView{}, tell(node.ErrNotFound, "No job is called %q: `etal ps -a` lists them", name)
	}
	var names []string
	for _, j := range found {
		names = append(names, j.Name)
	}
	return node.JobView{}, fmt.Errorf("%q could be %s: %w", name, strings.Join(names, " or "), errAmbiguous)
}

var errAmbiguous = usageError{"say which"}
