package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/cli"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/docsui"
	"github.com/hookline/hookline/internal/mcp"
)

func mcpCommand() *cobra.Command {
	var f clientFlags
	var addr string
	cmd := &cobra.Command{
		Use: "mcp", Short: "Serve AI agents: search the docs, explain deliveries, replay after you agreed",
		Long: "Serve AI agents over the Model Context Protocol, on standard input and output, or with --http over HTTP.\n" +
			"An agent may do what the key may. Over HTTP each client sends a key of its own as Authorization: Bearer.",
		Args: noArgs,
	}
	cmd.Flags().StringVar(&addr, "http", "", "serve HTTP at this address, such as 127.0.0.1:7077, instead of standard input")
	cmd.RunE = f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
		known, err := contract.Load()
		if err != nil {
			return err
		}
		find := docsui.Searcher(known)
		if addr != "" {
			return serveMCP(c, api, find, addr)
		}
		server, err := mcpServer(c.Context(), api, find)
		if err != nil {
			return err
		}
		if err := mcp.Serve(c.Context(), server); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the connection to the agent failed: %w", err)
		}
		return nil
	})
	return clientCommand(cmd, &f)
}

// mcpAPI is the API as the agent's tools call it.
type mcpAPI struct{ client *cli.Client }

// Call implements mcp.API.
func (a mcpAPI) Call(ctx context.Context, method, path string, body, out any) error {
	u, err := url.Parse(path)
	if err != nil {
		return err
	}
	answer, err := a.client.Call(ctx, method, u.Path, u.Query(), body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer.Body, out)
}

// docsSearch is docsui.Searcher's search, which all sessions share.
type docsSearch func(profile, query string, limit int) ([]docsui.Passage, error)

// mcpServer makes the server for a key. The docs are the edition of its tenant's product.
func mcpServer(ctx context.Context, api *cli.Client, find docsSearch) (*mcp.Server, error) {
	me, _, err := cli.Get[cli.Me](ctx, api, http.MethodGet, cli.Path("me"), nil, nil)
	if err != nil {
		return nil, err
	}
	return mcp.NewServer(app.Version, mcpAPI{api}, func(query string, limit int) ([]mcp.Page, error) {
		found, err := find(string(me.Tenant.Profile), query, limit)
		var out []mcp.Page
		for _, p := range found {
			title := p.Page
			if p.Title != p.Page {
				title += ": " + p.Title
			}
			out = append(out, mcp.Page{Title: title, URL: api.URL + p.Path, Text: p.Text})
		}
		return out, err
	}), nil
}

// serveMCP serves HTTP until the command is interrupted. api names the server; keys are the clients'.
func serveMCP(c *cobra.Command, api *cli.Client, find docsSearch, addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s can't be listened on: %w. Choose another address with --http", addr, err)
	}
	forKey := func(ctx context.Context, key string) (*mcp.Server, error) {
		made, err := mcpServer(ctx, newClient(c, cli.Settings{URL: api.URL, Key: key}), find)
		return made, agentError(api.URL, err)
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: mcp.Handler(forKey)}
	stop := context.AfterFunc(c.Context(), func() { _ = server.Close() })
	defer stop()
	fmt.Fprintf(c.ErrOrStderr(), "hookline: Agents connect to http://%s with an API key. Ctrl-C ends.\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// agentError is the error of the API for a client over HTTP, which has no command line.
func agentError(url string, err error) error {
	var refused *cli.APIError
	if !errors.As(err, &refused) || refused.Status >= http.StatusInternalServerError {
		return err
	}
	if refused.Status == http.StatusUnauthorized {
		return mcp.Refused{Status: refused.Status, Text: url + " does not accept the key: it is wrong, expired " +
			"or revoked, or of another server. Send a valid one as Authorization: Bearer …"}
	}
	return mcp.Refused{Status: refused.Status, Text: refused.Error()}
}
