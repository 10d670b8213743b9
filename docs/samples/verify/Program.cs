var app = WebApplication.CreateBuilder(args).Build();
var secret = Environment.GetEnvironmentVariable("HOOKLINE_WEBHOOK_SECRET")!;

app.MapPost("/hooks", async (HttpRequest request) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    if (!Webhooks.Verify(secret, name => request.Headers[name], body.ToArray()))
    {
        return Results.Unauthorized();
    }
    Console.WriteLine($"received {request.Headers["webhook-id"]}"); // put the body in a queue here
    return Results.NoContent();
});
app.Run("http://127.0.0.1:3000");
